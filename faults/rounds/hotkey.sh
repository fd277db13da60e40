# 2,000 writers of one key, each with a write every two seconds. Each gets a response, and the latency of reads of other
# shards stays the same. The bug: fewer connections are allowed than are opened.

: "${connections:=${CONNECTIONS:-2000}}"
bug=(--nebula.limits.connections=$((connections / 4)))
source faults/rounds/load.inc

one_round() {
  under hotkey
  (($(figure 204) > 0)) || broke "no write went through: $line"
  none_of dropped closed 500 504
}
