# The number of shards is changed again and again under load, then once more with a kill -9 in the middle: nothing is
# lost, no request fails for it, and reads take about as long as without (resizing-p99, worst of the rounds, beside
# the quiet one before it; in microseconds, with all clients on the same processors). longest-stand is how long requests
# waited for a move of keys at most: one or both of its shards took nothing new meanwhile. The bug: keys changed behind
# the journal's back.

: "${rounds:=10}"
readonly most_shards=16
resizes=0 worst=0 worst_quiet=0 longest=0
settings+=(--management.endpoint.shards.access=unrestricted)

prepare() { serve; }

resize() {
  between 1 $most_shards
  resize_to "$chance"
}

resize_on_and_on() {
  while :; do
    resize
    until_true 10 settled || return 1
  done
}

metric() { curl -s "$url/actuator/prometheus" | sed -n "s/^$1 //p"; }

one_round() {
  local quiet resizing micros
  tell go "$port"
  latency none 3000
  quiet=$p99
  tell mark
  resize_on_and_on &
  resizing=$!
  latency none 3000
  kill -0 "$resizing" 2>/dev/null || broke 'a resize does not end'
  { kill "$resizing" && wait "$resizing"; } 2>/dev/null || true
  until_true 10 settled || broke 'a resize does not end'
  ((p99 <= worst)) || { worst=$p99 worst_quiet=$quiet; }
  tell counts
  [[ $(counted '(read|write)-(5..|4(0[0-35-9]|29)|broken|unsent|corrupt)') == 0 ]] || broke "requests fail: $answer"
  resizes=$((resizes + $(metric nebula_resizes_total | cut -d. -f1)))
  micros=$(metric nebula_resize_steps_seconds_max | awk '{ printf "%d", $1 * 1000000 }')
  ((micros <= longest)) || longest=$micros
  if [[ -n $control ]]; then
    tell halt
    tell plant "$port" 8
    check
  fi
  resize
  crash
  restart_and_check
  extra="resizes=$resizes resizing-p99=$worst quiet-p99=$worst_quiet longest-stand=$longest"
  ((resizes > rounds)) || [[ $round -lt $rounds ]] || broke 'hardly a resize was made'
}
