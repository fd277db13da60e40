# A disk of 300 MB (or DISK) is filled until 507, with values under separate keys, and then emptied by deleting them
# all: writes work again within 30 s, without a restart. Every second time min-free-space is 0, so that the disk itself
# is full. In two of four rounds the server is killed and started while the disk is full; it may find space then. Health
# and metrics show what is refused, and the log reports once that refusing starts and once that it ends. The bug: the
# space of deleted entries is not reclaimed.
needs_disk=yes

: "${rounds:=6}"
: "${DISK:=300}"
# Of each of 16 writers, with 48 KB each, so that together they do not fit.
KEYS=$((DISK * 4))
bug_shows=broken
disks=0

prepare() {
  needs mkfs.ext4 losetup
  small_disk
  serve
}

small_disk() {
  local kept=$((disks % 2 == 0 ? DISK / 9 : 0))
  disks=$((disks + 1))
  new_disk "$DISK" -m 0
  settings=("--nebula.storage.rocksdb.min-free-space=${kept}MB" "--nebula.storage.rocksdb.memtable-size=$((DISK / 9))MB")
  [[ -z $control ]] || settings+=(--nebula.storage.rocksdb.reclaim-rate=0)
}

writable() { [[ $(curl -s -m 10 "$url/actuator/prometheus" | sed -n 's/^nebula_storage_writable{.*} //p') == 1.0 ]]; }
says_full() { [[ $(curl -s -m 10 "$url/actuator/health") == *'"state":"full"'* ]]; }
stays_full() { for _ in 1 2 3 4; do ! writable && says_full && pause 500 || return 1; done; }
lines() { grep -c "$1" "$log" || true; }

# emptied PREFIX: whether one request found nothing more to delete.
emptied() { [[ $(curl -s -m 60 -X DELETE "$url/keys?prefix=$1") == *'"deleted":0'* ]]; }

one_round() {
  local began
  tell mark
  tell go "$port" FILL
  tell await write-507 100
  [[ $answer == seen* ]] || broke "no 507 on a full disk: $answer"
  # Space that a compaction takes temporarily is freed again; the disk is full when waiting no longer helps.
  until_true 100 stays_full || broke 'after a 507 health or the metric does not say so'
  tell halt
  local told=1
  ((round / 2 % 2 == 0)) || { crash; serve; told=0; }
  until_true 60 emptied s || broke 'not everything could be deleted'
  began=${EPOCHREALTIME/./}
  tell fresh
  tell mark
  tell go "$port" MIXED
  tell await put-2xx 30
  if [[ $answer == seen* ]]; then
    ((${slowest_back:-0} >= (${EPOCHREALTIME/./} - began) / 1000)) || slowest_back=$(((${EPOCHREALTIME/./} - began) / 1000))
  else
    broke "writes do not come back within 30 s of the last delete: $answer"
  fi
  until_true 10 writable || broke 'the metric does not say that it is writable again'
  pause 2000
  local refused accepted
  refused=$(lines 'Log *: \(Puts\|Writes\) are refused') accepted=$(lines 'Log *: Writes are accepted again')
  ((refused >= told && refused <= 5 && accepted == refused)) \
    || broke "refused $refused times and accepted again $accepted times, by the log"
  crash
  tell halt
  serve
  tell mark
  check
  ((round < rounds)) || return 0
  # The next round starts on an empty disk.
  crash
  unmount_disk
  small_disk
  tell fresh
  serve
}
