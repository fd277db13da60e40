# 500 writers of values of 256 KB, together many times the memory there is for them: each is answered, the refused by
# 503 with Retry-After, and other shards' reads take as long as without. The bug: there is no bound on that memory;
# with so many writers that what the limit of requests lets in does not fit either.

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
