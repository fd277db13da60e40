# 10,000 connections send a request each and stay: none is dropped, and the reads of others take as long as without.

: "${connections:=${CONNECTIONS:-10000}}"
source faults/rounds/load.inc

one_round() {
  under idle
  (($(figure 404) == connections)) || broke "not each was answered: $line"
  none_of dropped closed 500 503
}
