# All requests and responses are recorded while workers are killed and get stuck, shards are added and removed, and the
# process is killed and restarted. Two checkers, which must agree, search for an order of the requests that explains
# every response. A round has at least OPERATIONS requests. A worker gets stuck at a breakpoint in the middle of its
# work, and continues when it has been replaced. The bug: a cache in front of the server that occasionally responds with
# an earlier value of a key.

: "${rounds:=50}"
readonly operations=${OPERATIONS:-20000} held_millis=1200 most_shards=8
kills=0 resizes=0 stucks=0 restarts=0 shards=5 stick=0
bug_shows=violations
client=Recorders
client_sources=(faults/{Wire,Values}.java faults/histories/*.java)
client_sources+=(src/test/java/dev/nebulastore/history/{Act,Linearizability,Precedence,Registers,Transcript,Verdict,VersionOrder}.java)
settings+=(--management.endpoint.shards.access=unrestricted --nebula.supervision.max-restarts=1000)
settings+=(--nebula.shards.barrier=400ms --nebula.supervision.stuck-after=500ms --nebula.supervision.interval=50ms "--nebula.shards.count=$shards")

prepare() {
  run_java "$client_java" -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0
  serve
}

# go_on: the clients start or continue with the current server.
go_on() {
  local door=$port
  if [[ -n $control ]]; then
    # Otherwise the port of the previous server, which is gone, might be read from it.
    : >"$work/proxy"
    "$client_java" -Xmx128m -cp "$work/classes" StaleProxy "$port" "$seed" >>"$work/proxy" 2>&1 &
    helpers+=($!)
    until_true 20 grep -q '^port ' "$work/proxy" || fail "no proxy: $(cat "$work/proxy")"
    door=$(sed -n 's/^port //p' "$work/proxy")
  fi
  tell go "$door"
}

kill_a_worker() {
  between 0 $((shards - 1))
  if curl -sf -m 10 -o /dev/null -X DELETE "$url/actuator/shards/$chance"; then kills=$((kills + 1)); fi
}

# all_stuck: the number of workers that were replaced because they were stuck.
all_stuck() {
  curl -s -m 10 "$url/actuator/shards" | { grep -oE '"stuck":[0-9]+' || true; } | cut -d: -f2 | paste -sd+ | bc_or_zero
}

# Where a worker is held, with the number of the method's parameters: before it executes a command, before it decides
# the command, and before it submits its batch.
readonly places=('shard.CommandProcessor process 3' 'shard.CommandProcessor decide 3' 'storage.rocksdb.RocksDbStore submit 2')

stick_a_worker() {
  local before place after debugger
  # The agent listens again, on another port, when a debugger has disconnected.
  debugger=$(sed -n 's/^Listening for transport dt_socket at address: //p' "$log" | tail -1)
  before=$(all_stuck)
  read -ra place <<<"${places[stick % ${#places[@]}]}"
  stick=$((stick + 1))
  between 1 100
  "$client_java" -cp "$work/classes" BreakpointHold "$debugger" "${place[@]}" "$chance" "$held_millis" >"$work/held" 2>&1 \
    || fail "no worker was caught: $(tail -3 "$work/held")"
  after=$(all_stuck)
  if ((after > before)); then stucks=$((stucks + 1)); fi
}

# resize: starts a resize.
resize() {
  local code next
  between 2 $most_shards
  next=$chance
  resize_to "$next"
  if [[ $code == 202 ]]; then
    resizes=$((resizes + 1))
    shards=$next
  fi
}

mischief() {
  local step
  for step in 1 2 3; do
    resize
    kill_a_worker
    between 20 200
    pause "$chance"
    kill_a_worker
    until_true 10 settled || broke 'a resize does not end'
  done
}

one_round() {
  go_on
  mischief
  stick_a_worker
  resize
  between 0 300
  pause "$chance"
  crash
  restarts=$((restarts + 1)) shards=5
  tell halt
  serve
  go_on
  mischief
  resize
  stick_a_worker
  stick_a_worker
  tell reach "$operations" 100
  [[ $answer == reached* ]] || broke "few operations: $answer"
  tell halt
  until_true 10 settled || broke 'a resize does not end'
  check
  ((breaches == 0)) || keep_broken
  # A start is slower with the debugger's agent. Other faults check how fast it is.
  late=
  extra="kills=$kills resizes=$resizes stucks=$stucks restarts=$restarts"
  ((round < rounds)) || all_happened
}

# keep_broken: the histories that no order explains, for analysis.
keep_broken() {
  cp "$work/breaches" "target/histories-$seed"
  broke "$breaches histories are broken, the first in target/histories-$seed"
}

# all_happened: a history without the faults proves nothing.
all_happened() {
  ((kills >= rounds)) || broke 'hardly a worker was killed'
  ((stucks >= rounds)) || broke 'hardly a worker was replaced because it was stuck'
  ((resizes >= rounds)) || broke 'hardly a resize was begun'
}
