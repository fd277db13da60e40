# The number of shards is changed repeatedly under load, and once more with a kill -9 in the middle: nothing is lost, no
# request fails because of it, and the latency of reads stays about the same (resizing-p99, the worst of the rounds,
# together with the one without resizing just before it; in microseconds, with all clients on the same processors).
# longest-stand is the longest time that requests waited for keys to move, while the source shard accepted nothing new;
# over-5ms is the number of moves that took longer than that. WRITERS=1 READERS=1 leaves the server a processor. The
# bug: keys are changed without the journal.

: "${rounds:=10}"
readonly most_shards=16
resizes=0 worst=0 worst_quiet=0 longest=0 moves=0 over_2=0 over_5=0 over_10=0
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

# metric NAME: a metric of the last scrape.
metric() { sed -n "s/^$1 //p" <<<"$scraped"; }

# moves_over SECONDS: the number of moves of this server that took longer.
moves_over() {
  echo $(($(metric nebula_resize_steps_seconds_count) - $(metric "nebula_resize_steps_seconds_bucket{le=\"$1\"}")))
}

one_round() {
  local quiet resizing micros scraped
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
  scraped=$(curl -s "$url/actuator/prometheus")
  resizes=$((resizes + $(metric nebula_resizes_total | cut -d. -f1)))
  micros=$(metric nebula_resize_steps_seconds_max | awk '{ printf "%d", $1 * 1000000 }')
  ((micros <= longest)) || longest=$micros
  moves=$((moves + $(metric nebula_resize_steps_seconds_count)))
  over_2=$((over_2 + $(moves_over 0.0025)))
  over_5=$((over_5 + $(moves_over 0.005))) over_10=$((over_10 + $(moves_over 0.01)))
  if [[ -n $control ]]; then
    tell halt
    tell plant "$port" 8
    check
  fi
  resize
  crash
  restart_and_check
  extra="resizes=$resizes resizing-p99=$worst quiet-p99=$worst_quiet moves=$moves over-2.5ms=$over_2 over-5ms=$over_5"
  extra+=" over-10ms=$over_10 longest-stand=$longest"
  ((resizes > rounds)) || [[ $round -lt $rounds ]] || broke 'hardly a resize was made'
}
