#!/usr/bin/env bash
# What many small entries cost on a server with the heap and the settings of the image in a container of 512 MB:
# loading early and late, CPU of a GET with few keys and with many, cold and warm, deleting by prefix, and listing over
# deleted keys.
#   scale.sh [KEYS]      5,000,000 by default, with values of 20 bytes: about 200 MB below DIR, and a few minutes
# Settings, from the environment: FEW (20000) keys to compare with, DELETED (100000) keys to delete by a prefix, a power of ten,
# TOMBSTONES (1000000) keys deleted before they are listed, likewise, MILLIS (5000) of reads each, WARMUP (6000) before, CONNECTIONS (64), PORT, JAR, DIR.
# With CHECK=1 it exits with 1 if a target is missed. Needs a jar (./mvnw package).
set -euo pipefail
keys=${1:-5000000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
few=${FEW:-20000} deleted=${DELETED:-100000} tombstones=${TOMBSTONES:-1000000} millis=${MILLIS:-5000} warmup=${WARMUP:-6000}
connections=${CONNECTIONS:-64} port=${PORT:-17003}
work=$(mktemp -d "${DIR:-${TMPDIR:-/tmp}}/nebula-scale-XXXXXX")
app=
stop() { [[ -z $app ]] || { kill "$app" && wait "$app"; } 2>/dev/null || true; app=; }
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java
"${java%java}javac" -d "$work/classes" bench/scale/Scale.java
url=http://127.0.0.1:$port
missed=()

# serve DIRECTORY: as the image does, in a container of 512 MB.
serve() {
  stop
  MALLOC_ARENA_MAX=2 "$java" -Xmx179m -XX:+UseSerialGC -XX:-UsePerfData -jar "${JAR:-$(ls target/nebulastore-*.jar)}" \
    --server.address=127.0.0.1 --server.port="$port" --nebula.storage.directory="$1" >"$work/log" 2>&1 &
  app=$!
  for _ in $(seq 600); do
    kill -0 "$app"
    ! curl -sf "$url/actuator/health/readiness" >/dev/null || return 0
    sleep 0.2
  done
  echo 'it is not ready'; exit 1
}
client() { "$java" -Xmx128m -cp "$work/classes" Scale "$port" "$app" "$@"; }
number() { grep -oE '^[0-9.]+' <<<"$1"; }
cpu() { client cpu 0; }
# target TEXT A RELATION B
target() {
  if awk -v a="$2" -v b="$4" "BEGIN { exit !(a $3 b) }"; then echo "  $1: yes"; else echo "  $1: NO"; missed+=("$1"); fi
}

serve "$work/few"
echo "loading $few keys: $(client load 0 "$few" "$few")"
client get "$few" "$warmup" "$connections" >/dev/null
few_warm=$(client get "$few" "$millis" "$connections")
echo "GET of $few keys: $few_warm"
double=$(awk -v f="$(number "$few_warm")" 'BEGIN { print 2 * f }')

serve "$work/many"
tenth=$((keys / 10))
early=$(client load 0 "$tenth" "$keys")
echo "loading the first tenth of $keys keys: $early"
echo "loading the next eight: $(client load "$tenth" $((9 * tenth)) "$keys")"
late=$(client load $((9 * tenth)) "$keys" "$keys")
echo "loading the last tenth: $late"
target 'loading slows down by no more than 2 times' "$(number "$late")" '>=' "$(awk -v e="$(number "$early")" 'BEGIN { print e / 2 }')"
client get "$keys" "$warmup" "$connections" >/dev/null
many_warm=$(client get "$keys" "$millis" "$connections")
echo "GET of $keys keys, warm: $many_warm"
serve "$work/many"
# The code is warm then, and of the cache only what belongs to a few keys.
client get "$few" "$warmup" "$connections" >/dev/null
echo "GET of the first $few of them, after a start: $(client get "$few" "$millis" "$connections")"
many_cold=$(client get "$keys" "$millis" "$connections")
echo "GET of $keys keys, cold: $many_cold"
target 'a GET, warm, takes at most 2 times the CPU of one of few keys' "$(number "$many_warm")" '<=' "$double"
target 'a GET, cold, takes at most 2 times the CPU of one of few keys' "$(number "$many_cold")" '<=' "$double"

# A power of ten keys from the first on have a prefix of their own: the more keys, the shorter it is.
prefix_of() { printf 'k%0*d' $((10 - ${#1})) 0; }
began=0 before=0
begin() { began=${EPOCHREALTIME/./} before=$(cpu); }
ended() {
  seconds=$(awk -v a="$began" -v b="${EPOCHREALTIME/./}" 'BEGIN { printf "%.1f", (b - a) / 1e6 }')
  spent=$((($(cpu) - before) / 1000))
}

begin
answer=$(curl -s -X DELETE "$url/keys?prefix=$(prefix_of "$deleted")")
ended
echo "deleting $deleted keys by prefix: $answer in $seconds s, $spent ms of CPU"
target 'deleting them takes less than 10 s' "$seconds" '<' 10

if ((tombstones > 0)); then
  begin
  answer=$(curl -s -X DELETE "$url/keys?prefix=$(prefix_of "$tombstones")")
  ended
  echo "deleting what is left of $tombstones keys: $answer in $seconds s, $spent ms of CPU"
  begin
  answer=$(curl -s "$url/keys?prefix=$(prefix_of "$tombstones")&limit=100")
  ended
  echo "listing over $tombstones deleted keys: $answer in $seconds s, $spent ms of CPU"
fi
echo "memory at most: $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$app/status") MB"
if ((${#missed[@]} > 0)) && [[ -n ${CHECK:-} ]]; then exit 1; fi
