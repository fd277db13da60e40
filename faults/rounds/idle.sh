# 10,000 connections send a request each and stay: none is dropped, and the reads of others take as long as without.
# The bug: fewer connections are allowed than come.

: "${connections:=${CONNECTIONS:-10000}}"
bug=(--nebula.limits.connections=$((connections / 4)))
source faults/rounds/load.inc

one_round() {
  under idle
  (($(figure 404) == connections)) || broke "not each was answered: $line"
  none_of dropped closed 500 503
}
