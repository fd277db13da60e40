#!/usr/bin/env bash
# Compares durable writes: this server with sync=always, Redis with appendfsync always behind webdis, and etcd, all with
# their data on the disk of PEERS_DIR.
#   durable.sh [SERVER...]     other servers to compare with, as for compare.sh
# Starts the jar of ./mvnw package, or JAR, pinned to SERVER_CPUS. A JVM that sees one processor uses one carrier of
# virtual threads and the serial collector by default: CARRIERS and GC set them. ENGINE_ARGS are additional arguments.
# The settings of compare.sh apply too; the figures are explained there.
set -euo pipefail
HTTP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PORT=${PORT:-17001}
export PEERS_DIR=${PEERS_DIR:-${TMPDIR:-/tmp}/nebula-peers} FRESH=1
export SERVER_CPUS=${SERVER_CPUS-0} ROUNDS=${ROUNDS:-5} WARM_SECONDS=${WARM_SECONDS:-20}
export SCENARIOS=${SCENARIOS:-put:1:100 put:16:100 put:64:100 put:256:100 get:64:100}
JAR=${JAR:-$(ls "$HTTP_DIR"/../../target/nebulastore-*.jar)}
[ $# -ge 1 ] || set -- webdis-always etcd

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
if listens; then echo "port $PORT is taken: set PORT" >&2; exit 2; fi
# shellcheck source=../jdk.sh
. "$HTTP_DIR/../jdk.sh"
java=$(jdk_25)/bin/java
mkdir -p "$PEERS_DIR"
data=$(mktemp -d "$PEERS_DIR/nebula-XXXXXX")
# shellcheck disable=SC2086 # split into their parts on purpose
taskset -c "$SERVER_CPUS" "$java" -Xms512m -Xmx512m "-XX:+Use${GC:-G1}GC" \
  "-Djdk.virtualThreadScheduler.parallelism=${CARRIERS:-1}" -jar "$JAR" \
  --server.address=127.0.0.1 --server.port="$PORT" --nebula.storage.directory="$data" \
  ${ENGINE_ARGS:-} >"$data.log" 2>&1 &
app=$!
trap 'kill "$app"; wait "$app" || true; rm -rf "$data" "$data.log"' EXIT
trap 'exit 130' INT TERM
for _ in $(seq 300); do
  kill -0 "$app"
  if listens; then break; fi
  sleep 1
done
"$HTTP_DIR/compare.sh" "http://127.0.0.1:$PORT/kv" "$@"
