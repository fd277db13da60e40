# Every fsync and fdatasync of the process fails for a while, by libfiu. The bug: sync=never, which does not detect it.

: "${rounds:=5}"
bug_shows=broken
# A process under libfiu may, once in hundreds of starts, stop before its first line.
silence_limit=30

prepare() {
  needs fiu-run fiu-ctrl
  run_java fiu-run -x -f "$work/fiu" "$client_java"
  if [[ -n $control ]]; then
    never_sync
    patience=2
  fi
  serve
}

syncs() { fiu-ctrl -f "$work/fiu" -c "$1 name=posix/io/sync/*" "$pid" >/dev/null || fail "fiu-ctrl: $1"; }

one_round() {
  tell go "$port"
  between 300 1200
  pause "$chance"
  tell mark
  syncs enable
  while_disk_fails
  syncs disable
  once_it_is_mended
  crash
  restart_and_check
}
