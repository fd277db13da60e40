# 10,000 connections send one request each and stay open. None is closed, and the latency of other clients' reads stays
# the same. The bug: fewer connections are allowed than are opened.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.connections=$((connections / 4)))
source faults/rounds/load.inc

one_round() {
  under idle
  (($(figure 404) == connections)) || broke "not each was answered: $line"
  none_of dropped closed 500 503
}
