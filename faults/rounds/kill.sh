# kill -9 at a random moment under load, then a restart on the same directory.
# The bug: an engine that keeps entries in memory only.

: "${rounds:=100}"

prepare() {
  [[ -z $control ]] || engine=memory
  serve
}

one_round() {
  tell go "$port"
  between 300 1800
  pause "$chance"
  crash
  restart_and_check
}
