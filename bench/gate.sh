#!/usr/bin/env bash
# The cost of asking who sends a request: the same jar in the modes open, protected and tokens, side by side. The client
# sends the same token to all, so that they read the same bytes.
#   gate.sh [MODE...]    in this order, by default open protected tokens: measure in both orders, since the later
#                        servers of a round may find the machine slower
# Settings, from the environment: PORT and the next two, JAR, and those of http/compare.sh. Needs a jar (./mvnw package).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=${PORT:-17301} cpus=${SERVER_CPUS-0}
jar=${JAR:-$(ls target/nebulastore-*.jar)}
work=$(mktemp -d "${TMPDIR:-/tmp}/nebula-gate-XXXXXX")
servers=() urls=()
stop() { for server in "${servers[@]}"; do kill "$server" && wait "$server" || true; done 2>/dev/null; rm -rf "$work"; }
trap stop EXIT
trap 'exit 130' INT TERM
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java
{ read -r token && (umask 077 && cat >"$work/tokens"); } < <("$java" -jar "$jar" token new --role=read,write 2>/dev/null)

# serve MODE
serve() {
  local setting=--nebula.security.mode=$1
  [[ $1 != tokens ]] || setting=--nebula.security.tokens-file=$work/tokens
  local at=$((port + ${#servers[@]}))
  ${cpus:+taskset -c "$cpus"} "$java" -Xms512m -Xmx512m -XX:+UseG1GC -Djdk.virtualThreadScheduler.parallelism=1 -jar "$jar" \
    --server.address=127.0.0.1 --server.port="$at" --nebula.storage.engine=memory "$setting" >"$work/$at.log" 2>&1 &
  servers+=("$!") urls+=("http://127.0.0.1:$at/kv")
  until curl -sf "http://127.0.0.1:$at/actuator/health/readiness" >/dev/null; do kill -0 "${servers[-1]}" && sleep 0.2; done
}
(($# > 0)) || set -- open protected tokens
for mode in "$@"; do serve "$mode"; done
HEADER="Authorization: Bearer $token" SCENARIOS=${SCENARIOS:-get:64:100 put:64:100} bench/http/compare.sh "${urls[@]}"
