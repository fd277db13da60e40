# 10,000 connections send a head without an end, a line every five seconds: who asks properly is served as before.
# The bug: as many requests may be in flight as come.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.requests=1000000)
source faults/rounds/load.inc

one_round() {
  under slowloris
  none_of 200 404 500
}
