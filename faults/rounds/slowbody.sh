# 10,000 connections send a body without an end, a few bytes every five seconds. Clients that send complete requests are
# served as before. The bug: the number of requests in flight has no effective limit.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.requests=1000000)
source faults/rounds/load.inc

one_round() {
  under slowbody
  none_of 200 201 204 500
}
