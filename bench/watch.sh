#!/usr/bin/env bash
# The cost of a PUT while others watch, and how many events are delivered.
#   watch.sh
# Starts the jar of ./mvnw package, or JAR, pinned to SERVER_CPUS, with the memory engine (ENGINE_ARGS are additional
# arguments). For each number of WATCHERS it puts one key from CONNECTIONS connections for SECONDS_EACH, once while all
# of them watch that key and once while they watch another one; ROUNDS times, interleaved. The watchers are curl
# processes, which share WRK_CPUS with wrk. Settings, from the environment, with their defaults, are below.
#   PUT/s     answers per second; with watchers on the key the fan-out shares the processor with them
#   us/PUT    processor time of the server per PUT, including that of the fan-out
#   events/s  events delivered per second, to all watchers together
#   resets    how often a watcher got a reset because it was too slow
# Figures are medians.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PORT=${PORT:-17001}
WATCHERS=${WATCHERS:-0 1 100 1000}
CONNECTIONS=${CONNECTIONS:-16}
SECONDS_EACH=${SECONDS_EACH:-5}
WARM_SECONDS=${WARM_SECONDS:-15}
ROUNDS=${ROUNDS:-3}
SERVER_CPUS=${SERVER_CPUS-0}
WRK_CPUS=${WRK_CPUS-1}
JAR=${JAR:-$(ls target/nebulastore-*.jar)}
readonly curl_at_once=250

for tool in wrk curl; do command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 2; }; done
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
if listens; then echo "port $PORT is taken: set PORT" >&2; exit 2; fi
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java
work=$(mktemp -d)
watching=()
forget() {
  for curl in "${watching[@]}"; do kill "$curl" 2>/dev/null || true; done
  for curl in "${watching[@]}"; do wait "$curl" 2>/dev/null || true; done
  watching=()
}
# shellcheck disable=SC2086 # split into their parts on purpose
taskset -c "$SERVER_CPUS" "$java" -Xms512m -Xmx512m "-XX:+Use${GC:-G1}GC" \
  "-Djdk.virtualThreadScheduler.parallelism=${CARRIERS:-1}" -jar "$JAR" \
  --server.address=127.0.0.1 --server.port="$PORT" --nebula.storage.engine=memory \
  --nebula.watch.heartbeat=1s ${ENGINE_ARGS:-} >"$work/log" 2>&1 &
app=$!
trap 'forget; kill "$app"; wait "$app" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
for _ in $(seq 300); do
  kill -0 "$app"
  if listens; then break; fi
  sleep 0.2
done
url=http://127.0.0.1:$PORT

cat >"$work/put.lua" <<'LUA'
wrk.method = "PUT"
wrk.body = string.rep("x", 100)
done = function(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration, failed))
end
LUA
put() { taskset -c "$WRK_CPUS" wrk -t 1 -c "$CONNECTIONS" -d "$1" -s "$work/put.lua" "$url/kv/put" | awk '/^RESULT/ {print $2, $3, $4}'; }
metric() { curl -s "$url/actuator/prometheus" | awk -v name="$1" '$1 == name {printf "%d", $2}'; }
app_ticks() { awk '{print $14 + $15}' "/proc/$app/stat"; }

# watch COUNT KEY: returns once exactly this many clients watch. A fragment is not sent.
watch() {
  local left=$1 some
  while ((left > 0)); do
    some=$((left < curl_at_once ? left : curl_at_once))
    taskset -c "$WRK_CPUS" curl -sN --parallel --parallel-immediate --parallel-max "$some" \
      "$url/watch?key=$2#[1-$some]" >/dev/null 2>&1 &
    watching+=($!)
    left=$((left - some))
  done
  for _ in $(seq 600); do
    if [[ $(metric nebula_watch_subscribers) == "$1" ]]; then return; fi
    sleep 0.1
  done
  echo "not $1 watch but $(metric nebula_watch_subscribers)" >&2
  return 1
}

run() { # COUNT KEY
  local ticks events resets requests micros failed
  watch "$1" "$2"
  events=$(metric nebula_watch_events_total) resets=$(metric nebula_watch_resets_total) ticks=$(app_ticks)
  read -r requests micros failed <<<"$(put "$SECONDS_EACH")"
  ticks=$(($(app_ticks) - ticks))
  events=$(($(metric nebula_watch_events_total) - events)) resets=$(($(metric nebula_watch_resets_total) - resets))
  ((failed == 0)) || echo "$failed PUTs failed" >&2
  forget
  awk -v w="$1" -v k="$2" -v n="$requests" -v us="$micros" -v t="$ticks" -v hz="$(getconf CLK_TCK)" \
    -v e="$events" -v r="$resets" 'BEGIN {
      printf "%d\t%s\t%.0f\t%.1f\t%.0f\t%d\n", w, k, n / us * 1e6, t / hz * 1e6 / n, e / us * 1e6, r}' >>"$work/runs"
}

put "$WARM_SECONDS" >/dev/null
for ((round = 0; round < ROUNDS; round++)); do
  for count in $WATCHERS; do
    for key in put other; do run "$count" "$key"; done
  done
done
printf '%8s %-8s %8s %8s %10s %7s\n' watchers 'of key' PUT/s us/PUT events/s resets
for count in $WATCHERS; do
  for key in put other; do
    awk -v w="$count" -v k="$key" '$1 == w && $2 == k' "$work/runs" >"$work/these"
    median() { sort -n -k "$1,$1" "$work/these" | awk -v c="$1" '{v[NR] = $c} END {print v[int((NR + 1) / 2)]}'; }
    printf '%8d %-8s %8s %8s %10s %7s\n' "$count" "$key" "$(median 3)" "$(median 4)" "$(median 5)" "$(median 6)"
  done
done
