#!/usr/bin/env bash
# The memory of a server with many small entries on disk, with the settings of the image in a container of 512 MB: 35 %
# for the heap, MALLOC_ARENA_MAX=2. Prints its peak, after reads and writes of keys all over the range.
#   memory.sh [ENTRIES]      10,000,000 by default: about 2 GB below DIR, and ten minutes
# Settings, from the environment: DIR is where the entries are stored (a temporary folder), PORT, SECONDS_EACH.
# Exits with 1 if the peak is above 512 MB.
set -euo pipefail
entries=${1:-10000000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PORT=${PORT:-17002}
work=$(mktemp -d "${DIR:-${TMPDIR:-/tmp}}/nebula-memory-XXXXXX")
app=
trap '[[ -z $app ]] || { kill "$app"; wait "$app" || true; }; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java

JAVA_OPTS="-Xmx512m --enable-native-access=ALL-UNNAMED" bench/java.sh bench.app.Fill "$work/data" "$entries"
echo "on disk: $(du -sm "$work/data/db" | cut -f1) MB"

MALLOC_ARENA_MAX=2 "$java" -Xmx179m -XX:-UsePerfData -jar "${JAR:-$(ls target/nebulastore-*.jar)}" \
  --server.address=127.0.0.1 --server.port="$PORT" --nebula.storage.directory="$work/data" >"$work/log" 2>&1 &
app=$!
url=http://127.0.0.1:$PORT
for _ in $(seq 300); do
  kill -0 "$app"
  if curl -sf "$url/actuator/health/readiness" >/dev/null; then break; fi
  sleep 1
done
peak() { awk '/VmHWM/ {printf "%d", $2 / 1024}' "/proc/$app/status"; }
echo "after the start: $(peak) MB, entries: $(curl -s "$url/actuator/prometheus" | sed -n 's/^nebula_entries.* //p')"
for op in get put mix get; do
  wrk -t 1 -c 64 -d "${SECONDS_EACH:-60}" -s bench/http/kv.lua "$url" -- /kv/ "$op" "$entries" 100 key: |
    grep -E '^RESULT|Requests/sec|Non-2xx' | sed "s/^/$op: /"
  echo "peak after $op: $(peak) MB"
done
(($(peak) <= 512)) || { echo 'more than 512 MB'; exit 1; }
