# A disk becomes full, with our own values and with a foreign file: writes get 507, reads continue, and deletes work
# where possible; with space again, writes work again without intervention. The bug: entries are changed without the
# journal, as by a store that drops what it can't write.
needs_disk=yes

: "${rounds:=5}"
disks=0

prepare() {
  needs mkfs.ext4 losetup fallocate
  small_disk
  serve
}

# The space that the engine keeps free is set to 0 for every second pair of rounds, so that the disk itself is full.
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
  # The next round starts on a disk with free space.
  crash
  unmount_disk
  small_disk
  tell fresh
  serve
}
