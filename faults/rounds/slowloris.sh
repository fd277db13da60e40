# 10,000 connections send a head without an end, a line every five seconds. Clients that send complete requests are
# served as before. The bug: the number of requests in flight has no effective limit.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.requests=1000000)
source faults/rounds/load.inc

one_round() {
  under slowloris
  none_of 200 404 500
}
