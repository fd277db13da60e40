#!/usr/bin/env bash
# Many keys at once: PUTs per second by /batch and one by one over keep-alive connections, and how fast all keys are
# listed, by pages and as lines, with the server's heap meanwhile.
#   many.sh [KEYS]      1,000,000 by default
# Settings, from the environment: ENGINE (rocksdb), CLIENTS for single PUTs (64), PAGES to time (KEYS/1000), JAVA_OPTS.
# Needs curl, wrk and a jar (./mvnw package).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source .ci/server.sh
readonly keys=${1:-1000000} clients=${CLIENTS:-64}
command -v wrk >/dev/null || skip 'no wrk'

now() { date +%s.%N; }
rate() { awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%d in %.2f s: %d/s\n", n, b - a, n / (b - a) }'; }
heap() {
  curl -s "$url/actuator/prometheus" |
    awk '/^jvm_memory_used_bytes.*area="heap"/ { sum += $NF } END { printf "%d MB of heap used\n", sum / 1048576 }'
}

start --nebula.storage.engine="${ENGINE:-rocksdb}"
awk -v n="$keys" 'BEGIN { for (i = 0; i < n; i++)
  printf "{\"op\":\"put\",\"key\":\"k/%09d\",\"value\":\"%0100d\"}\n", i, i }' >"$work/lines"

began=$(now)
curl -s -T "$work/lines" -X POST -H 'Content-Type: application/x-ndjson' "$url/batch" >"$work/answers"
ended=$(now)
[[ $(grep -c '"status":201' "$work/answers") == "$keys" ]] || fail 'not every line was answered 201'
echo "batch PUTs on one connection: $(rate "$keys" "$began" "$ended")"
heap

cat >"$work/put.lua" <<'LUA'
local n = 0
request = function()
  n = n + 1
  return wrk.format("PUT", "/kv/single/" .. n, nil, string.rep("x", 100))
end
LUA
echo "single PUTs on $clients connections: $(wrk -t1 -c"$clients" -d5s -s "$work/put.lua" "$url" | grep Requests/sec)"
curl -s -X DELETE "$url/keys?prefix=single/" >/dev/null

began=$(now)
listed=$(curl -s -H 'Accept: application/x-ndjson' "$url/keys" | wc -l)
ended=$(now)
[[ $listed == "$keys" ]] || fail "$listed keys were listed"
echo "keys as lines: $(rate "$keys" "$began" "$ended")"
heap

# A single connection for all pages would need a client that reads cursors. A new curl each takes its own time, which is
# measured separately.
target='/keys?limit=1000' seconds=0 pages=0
while [[ -n $target && $pages -lt ${PAGES:-$keys} ]]; do
  read -r took < <(curl -s -D "$work/head" -o /dev/null -w '%{time_total}\n' "$url$target")
  seconds=$(awk -v a="$seconds" -v b="$took" 'BEGIN { print a + b }')
  pages=$((pages + 1))
  target=$(tr -d '\r' <"$work/head" | sed -n 's/^Link: <\(.*\)>; rel="next"$/\1/p')
done
echo "keys in $pages pages of 1,000: $(awk -v n="$((pages * 1000))" -v s="$seconds" 'BEGIN { printf "%d/s", n / s }')"
heap
