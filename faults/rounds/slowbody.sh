# 10,000 connections send a body without an end, a few bytes every five seconds: who sends all of it is served as before.
# The bug: as many requests may be in flight as come.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.requests=1000000)
source faults/rounds/load.inc

one_round() {
  under slowbody
  none_of 200 201 204 500
}
