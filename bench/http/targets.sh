#!/usr/bin/env bash
# Checks that a GET and a PUT of /kv cost at most 1.5 times the CPU of a bare servlet that gives the same responses from
# a map in the same process (/same). /bare returns only the value.
#   targets.sh [SERVER...]     additional servers to compare, as for compare.sh
# Starts the bench application pinned to SERVER_CPUS, compares /kv, /same, /bare and /mvc, and stops it. A JVM that sees
# one processor uses one carrier of virtual threads and the serial collector by default: CARRIERS and GC set them. The
# settings of compare.sh apply too. Exits with 1 if the target is missed.
set -euo pipefail
HTTP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PORT=${PORT:-17001}
CARRIERS=${CARRIERS:-1}
GC=${GC:-G1}
MOST=1.5
export SERVER_CPUS=${SERVER_CPUS-0} ROUNDS=${ROUNDS:-5}
export SCENARIOS=${SCENARIOS:-get:64:100 put:64:100}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
if listens; then echo "port $PORT is taken: set PORT" >&2; exit 2; fi

CPUS=$SERVER_CPUS JAVA_OPTS="-Xms1g -Xmx1g -XX:+Use${GC}GC \
  -Djdk.virtualThreadScheduler.parallelism=$CARRIERS" \
  "$HTTP_DIR/../java.sh" bench.app.BenchApplication \
  --server.address=127.0.0.1 --server.port="$PORT" --nebula.storage.engine=memory &
app=$!
trap 'kill "$app"; wait "$app" || true' EXIT
trap 'exit 130' INT TERM

for _ in $(seq 300); do
  kill -0 "$app"
  if listens; then break; fi
  sleep 1
done

url=http://127.0.0.1:$PORT
"$HTTP_DIR/compare.sh" "$url/kv" "$url/same" "$url/bare" "$url/mvc" "$@" |
  awk -v most="$MOST" -v same="$PORT/same" '
    {print; fflush()}
    $1 == same && $12 > 0 {measured++}
    $1 == same && $12 > most {over = 1}
    END {
      if (!measured) {print "\nnothing was measured"; exit 2}
      print over ? "\nNO: /kv costs more than " most " times /same" : \
        "\nyes: /kv costs at most " most " times /same"
      exit over
    }'
