# SIGTERM under load: the process ends within 20 s with 143, and every request that was sent completely has a response.
# The bug: kill -9 instead.

: "${rounds:=20}"
readonly stop_limit=20
bug_shows=broken

prepare() { serve; }

gone() { ! kill -0 "$pid" 2>/dev/null; }

one_round() {
  local began=$SECONDS code=0 signal=TERM
  [[ -z $control ]] || signal=KILL
  tell go "$port"
  between 500 2000
  pause "$chance"
  tell mark
  kill "-$signal" "$pid"
  until_true $((stop_limit + 10)) gone || broke "still there after $((stop_limit + 10)) s"
  wait "$pid" || code=$?
  pid=
  ((SECONDS - began <= stop_limit + 2)) || broke "took $((SECONDS - began)) s"
  [[ $code == 143 || -n $control ]] || broke "exit code $code"
  tell counts
  [[ $(count cut) == 0 ]] || broke "requests without an answer: $answer"
  restart_and_check
}
