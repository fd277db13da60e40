# 256 writers of one key keep its shard's mailbox full, which holds eight. Each gets a response, refused ones 503 with
# Retry-After, and the latency of reads of other shards stays the same. The bug: fewer connections are allowed than are
# opened.

: "${connections:=${CONNECTIONS:-256}}"
bug=(--nebula.limits.connections=$((connections / 4)))
source faults/rounds/load.inc
settings+=(--nebula.shards.mailbox-capacity=8)

one_round() {
  under full
  (($(figure 204) > 0)) || broke "no write went through: $line"
  (($(figure 503) > 0)) || broke "none was refused: the mailbox was not full: $line"
  none_of dropped closed 500 504
}
