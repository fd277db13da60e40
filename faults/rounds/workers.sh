# The worker of one shard is killed 100 times under load, then the server: nothing is lost, and the latency of reads of
# the other shards stays the same (others-p99, the worst of the rounds, together with the one without kills just before
# it; in microseconds, with all clients on the same processors). The bug: keys are changed without the journal.

: "${rounds:=10}"
readonly kills_a_round=100 victim=0
deaths=0 worst=0 worst_quiet=0
settings+=(--management.endpoint.shards.access=unrestricted --nebula.supervision.max-restarts=1000)

prepare() { serve; }

generation() {
  curl -sf "$url/actuator/shards/$victim" | grep -oE '"generation":[0-9]+' | grep -oE '[0-9]+'
}

kill_workers() {
  local before=$1 wanted=$(($1 + kills_a_round))
  until (($(generation) >= wanted)); do
    curl -sf -o /dev/null -X DELETE "$url/actuator/shards/$victim" || true
  done
}

one_round() {
  local before quiet killing
  tell go "$port"
  latency "$victim" 3000
  quiet=$p99
  before=$(generation)
  kill_workers "$before" &
  killing=$!
  latency "$victim" 3000
  wait "$killing"
  deaths=$((deaths + $(generation) - before))
  ((p99 <= worst)) || { worst=$p99 worst_quiet=$quiet; }
  tell halt
  [[ -z $control ]] || tell plant "$port" 8
  check
  crash
  restart_and_check
  extra="deaths=$deaths others-p99=$worst quiet-p99=$worst_quiet"
}
