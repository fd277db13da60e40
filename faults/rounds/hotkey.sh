# 2,000 writers of one key, each a write every two seconds: each is answered, and other shards' reads take as long as without.
# The bug: fewer connections are allowed than come.

: "${connections:=${CONNECTIONS:-2000}}"
bug=(--nebula.limits.connections=$((connections / 4)))
source faults/rounds/load.inc

one_round() {
  under hotkey
  (($(figure 204) > 0)) || broke "no write went through: $line"
  none_of dropped closed 500 504
}
