# 500 writers of values of 256 KB, together many times the available memory: each gets a response, refused ones 503 with
# Retry-After, and the latency of reads of other shards stays the same. The bug: that memory has no limit, with so many
# writers that the requests within the limit do not fit either.

: "${connections:=${CONNECTIONS:-500}}"
[[ -z $control ]] || connections=2000
bug=(--nebula.limits.content-memory=100GB)
source faults/rounds/load.inc

one_round() {
  under values
  (($(figure 204) > 0)) || broke "no write went through: $line"
  (($(figure 503) > 0)) || broke "none was refused: there was room for all: $line"
  none_of dropped closed 500 504
}
