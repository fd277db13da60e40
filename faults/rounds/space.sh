# A disk that is full, by our own values and by somebody else's file: 507 for writes, reads go on,
# deletes where they can; with space again, writes come back by themselves. The bug: entries that are
# changed behind the journal's back, as a store would that dropped what it could not write.
needs_disk=yes

: "${rounds:=5}"
disks=0

prepare() {
  needs mkfs.ext4 losetup fallocate
  small_disk
  serve
}

# What the engine keeps free for itself is switched off for every other pair of rounds, so that it is
# the disk that says no.
small_disk() {
  local reserve=$((disks / 2 % 2 * 16))
  disks=$((disks + 1))
  new_disk 256 -m 0
  fallocate -l 96M "$disk/ballast"
  if [[ $engine == rocksdb ]]; then
    settings=("--nebula.storage.rocksdb.min-free-space=${reserve}MB")
  fi
}

while_full() {
  tell go "$port" MIXED
  tell mark
  pause 1500
  tell counts
  (($(counted 'read-(200|404)') > 0)) || broke "no read is answered on a full disk: $answer"
  [[ $(counted 'read-(5..|broken|unsent|corrupt)') == 0 ]] || broke "reads fail on a full disk: $answer"
  [[ $(counted 'unsaid-[a-z0-9-]+') == 0 ]] || broke "no word whether it was applied: $answer"
}

one_round() {
  if ((round % 2 == 0)); then
    tell go "$port" MIXED
    pause 500
    dd if=/dev/zero of="$disk/eater" bs=64k 2>/dev/null || true
    tell halt
  fi
  tell mark
  tell go "$port" FILL
  tell await write-507 60
  [[ $answer == seen* ]] || broke "no 507 on a full disk: $answer"
  tell halt
  while_full
  rm -f "$disk/ballast" "$disk/eater"
  once_it_is_mended
  crash
  tell halt
  serve
  [[ -z $control ]] || tell plant "$port" 12
  tell mark
  check
  # The next round begins on a disk with room.
  crash
  unmount_disk
  small_disk
  tell fresh
  serve
}
