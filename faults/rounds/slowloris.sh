# 4,000 connections send a head without an end, a line every five seconds: who asks properly is served as before.

: "${connections:=${CONNECTIONS:-4000}}"
source faults/rounds/load.inc

one_round() {
  under slowloris
  none_of 200 404 500
}
