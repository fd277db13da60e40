# The file system becomes read-only, as ext4 does after an error. It can't be made writable in place (the kernel
# refuses), so it is replaced by a copy of the disk, mounted over the old one. The bug: sync=never.
needs_disk=yes

: "${rounds:=5}"

prepare() {
  needs mkfs.ext4 losetup
  new_disk 512
  [[ -w /sys/fs/ext4/${loop#/dev/}/trigger_fs_error ]] || skip 'this kernel has no trigger_fs_error'
  [[ -z $control ]] || never_sync
  serve
}

# The content that the file system had written when it failed; the old one may still write the rest.
copy_disk() {
  cp --sparse=always "$work/image" "$work/image.copy"
  mv "$work/image.copy" "$work/image"
}

one_round() {
  tell go "$port"
  between 300 1200
  pause "$chance"
  tell mark
  [[ -z $control ]] || tell halt
  echo provoked >"/sys/fs/ext4/${loop#/dev/}/trigger_fs_error"
  if [[ -z $control ]]; then
    while_disk_fails
    copy_disk
    mount_disk || fail 'the disk can not be mounted again'
    once_it_is_mended
  fi
  crash
  unmount_disk
  [[ -z $control ]] || copy_disk
  mount_disk || fail 'the disk can not be mounted again'
  restart_and_check
}
