# A power failure: the file system stops without writing what it has in memory, while clients write. What is
# acknowledged after that does not count. The bug: sync=never.
needs_disk=yes

: "${rounds:=20}"

prepare() {
  needs perl mkfs.ext4 losetup
  new_disk 1024
  cut_power true 2>/dev/null || skip 'this kernel does not shut an ext4 down'
  unmount_disk
  mount_disk
  [[ -z $control ]] || never_sync
  serve
}

# EXT4_IOC_SHUTDOWN without flushing the log.
cut_power() {
  perl -e 'my $how = pack "I", 2; sysopen(TOP, $ARGV[0], 0) && ioctl(TOP, 0x8004587d, $how) or die "$!\n"' "$disk"
}

one_round() {
  tell go "$port"
  between 500 2500
  pause "$chance"
  tell freeze
  cut_power
  pause 200
  crash
  unmount_disk
  mount_disk || fail 'the disk can not be mounted after the power cut'
  restart_and_check
}
