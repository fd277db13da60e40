#!/usr/bin/env bash
# How long the largest changes of the number of shards take, and for how long shards are quiesced: 512 to 1,024 and
# back, memory engine, under a load of 16 connections that read and write. Prints for each change the number of steps,
# the total time, and the sum and the longest of the times during which a shard is quiesced.
#   resize.sh                 needs a built jar, curl and wrk; without wrk there is no load
# Settings, from the environment: JAR, PORT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PORT=${PORT:-17003}
work=$(mktemp -d "${TMPDIR:-/tmp}/nebula-resize-XXXXXX")
app= load=
end() {
  [[ -z $load ]] || kill "$load" 2>/dev/null || true
  [[ -z $app ]] || { kill "$app"; wait "$app" || true; }
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java

"$java" -Xmx512m -XX:-UsePerfData -jar "${JAR:-$(ls target/nebulastore-*.jar)}" --server.address=127.0.0.1 \
  --server.port="$PORT" --nebula.storage.engine=memory --nebula.shards.count=1024 \
  --management.endpoint.shards.access=unrestricted >"$work/log" 2>&1 &
app=$!
url=http://127.0.0.1:$PORT
for _ in $(seq 300); do
  kill -0 "$app"
  if curl -sf "$url/actuator/health/readiness" >/dev/null; then break; fi
  sleep 0.2
done
if command -v wrk >/dev/null; then
  wrk -t 1 -c 16 -d 120 -s bench/http/kv.lua "$url" -- /kv/ mix 20000 100 key: >"$work/load" 2>&1 &
  load=$!
  sleep 3
fi

metric() { curl -s "$url/actuator/prometheus" | sed -n "s/^nebula_resize_steps_seconds_$1 //p"; }
resize() {
  local before answer
  before=$(metric sum)
  curl -sf -o /dev/null -H 'Content-Type: application/json' -d "{\"count\":$1}" "$url/actuator/shards"
  until answer=$(curl -s "$url/actuator/shards") && grep -q '"state":"done"' <<<"$answer"; do sleep 0.1; done
  echo "to $1: $(grep -oE '"steps":[0-9]+' <<<"$answer" | head -1 | cut -d: -f2) steps in" \
    "$(grep -oE '"tookMillis":[0-9.]+' <<<"$answer" | cut -d: -f2) ms, stood $(metric sum | awk -v b="${before:-0}" '{ print ($1 - b) * 1000 }') ms" \
    "in all, $(metric max | awk '{ print $1 * 1000 }') ms at most"
}
for count in 512 1024 512 1024; do resize "$count"; done
