# Every write to the block device fails with EIO for a while: an ext4 on a loop device on a disk that nbdkit serves. Its
# journal is on another device; otherwise the file system would shut itself down. The disk is mounted again before the
# check, so that only what was really written counts. The bug: sync=never.
needs_disk=yes

: "${rounds:=5}"

prepare() {
  needs nbdkit nbdfuse mkfs.ext4 losetup
  [[ -c /dev/fuse ]] || skip 'needs /dev/fuse'
  disk=$work/disk directory=$disk/data
  mkdir "$disk" "$work/fuse"
  truncate -s 1024M "$work/image"
  truncate -s 64M "$work/journal"
  nbdkit -f -U "$work/socket" --filter=error file "$work/image" \
    error=EIO error-pwrite-rate=1 error-file="$work/failing" >"$work/nbdkit" 2>&1 &
  helpers+=($!)
  until_true 10 test -S "$work/socket" || skip "nbdkit does not start: $(tail -1 "$work/nbdkit")"
  nbdfuse "$work/fuse/disk" --unix "$work/socket" >"$work/nbdfuse" 2>&1 &
  helpers+=($!)
  mounted_fuse=$work/fuse
  until_true 10 test -f "$work/fuse/disk" || skip "nbdfuse does not start: $(tail -1 "$work/nbdfuse")"
  device=$(losetup -f --show "$work/fuse/disk" 2>/dev/null) || skip 'no loop device on FUSE'
  journal=$(losetup -f --show "$work/journal") || skip 'no second loop device'
  loops+=("$device" "$journal")
  mke2fs -q -F -O journal_dev -b 4096 "$journal" >/dev/null || skip 'no journal of its own'
  mkfs.ext4 -q -F -b 4096 -J device="$journal" "$device" >/dev/null || skip 'mkfs.ext4 fails here'
  mount -o errors=continue "$device" "$disk" || skip 'an ext4 on FUSE can not be mounted here'
  mounted+=("$work/fuse" "$disk")
  [[ -z $control ]] || never_sync
  serve
}

one_round() {
  tell go "$port"
  between 300 1200
  pause "$chance"
  tell mark
  [[ -z $control ]] || sync -f "$disk"
  touch "$work/failing"
  if [[ -z $control ]]; then
    while_disk_fails
    rm -f "$work/failing"
    once_it_is_mended
  else
    pause 1000
  fi
  crash
  until_true 10 umount "$disk" || fail 'the disk is still in use'
  rm -f "$work/failing"
  mount -o errors=continue "$device" "$disk" || fail 'the disk can not be mounted again'
  # The remains of a log that was never synced may have to be salvaged. Only what is lost counts.
  [[ -z $control ]] || settings=(--nebula.storage.rocksdb.salvage=true)
  restart_and_check
}
