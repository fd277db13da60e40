#!/usr/bin/env bash
# The cost of many small entries on a server with the heap and the settings of the image in a container of 512 MB:
# loading early and late, CPU of a GET with few keys and with many, before and after a restart, deleting by prefix, and
# listing over deleted keys. Few and many are on two servers, which are used in turn, ROUNDS times each: the medians are
# compared.
#   scale.sh [KEYS]      5,000,000 by default, with values of 20 bytes: about 200 MB below DIR, and a few minutes
# Settings, from the environment: FEW (20000) keys to compare with, DELETED (100000) keys to delete by a prefix, a
# power of ten, TOMBSTONES (1000000) keys that are deleted before they are listed, also a power of ten, ROUNDS (5) of
# reads of MILLIS (2000) each, WARMUP (20000) before (with less, the compiler is measured too), CONNECTIONS (64), HEAP
# (179m), PORT and the next one, JAR, DIR, and CGROUP: a folder of the kernel's control groups in which the server
# with many keys runs, for instance with a limit of memory. With CHECK=1 it exits with 1 if a target is missed. Needs
# a jar (./mvnw package).
set -euo pipefail
keys=${1:-5000000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
few=${FEW:-20000} deleted=${DELETED:-100000} tombstones=${TOMBSTONES:-1000000} rounds=${ROUNDS:-5} millis=${MILLIS:-2000} warmup=${WARMUP:-20000}
connections=${CONNECTIONS:-64} first_port=${PORT:-17003}
work=$(mktemp -d "${DIR:-${TMPDIR:-/tmp}}/nebula-scale-XXXXXX")
declare -A apps=() ports=([few]=$first_port [many]=$((first_port + 1)))
# stop SERVER
stop() { [[ -z ${apps[$1]:-} ]] || { kill "${apps[$1]}" && wait "${apps[$1]}"; } 2>/dev/null || true; apps[$1]=; }
trap 'stop few; stop many; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java
"${java%java}javac" -d "$work/classes" bench/scale/Scale.java
url=http://127.0.0.1:${ports[many]}
missed=()

# within SERVER COMMAND...: replaces this shell, in the control group CGROUP if that is set.
within() {
  [[ -z ${CGROUP:-} || $1 == few ]] || echo "$BASHPID" >"$CGROUP/cgroup.procs"
  exec "${@:2}"
}

# memory: the peak memory of the server with many keys, including files, and the part of it without a file.
memory() {
  awk '/VmHWM/ { most = $2 } /RssAnon/ { anonymous = $2 } END { printf "%d MB at most, %d MB without those of files", most / 1024, anonymous / 1024 }' \
    "/proc/${apps[many]}/status"
}

# serve SERVER: starts it like the image, in a container of 512 MB.
serve() {
  stop "$1"
  MALLOC_ARENA_MAX=2 within "$1" "$java" -Xmx"${HEAP:-179m}" -XX:+UseSerialGC -XX:-UsePerfData -jar "${JAR:-$(ls target/nebulastore-*.jar)}" \
    --server.address=127.0.0.1 --server.port="${ports[$1]}" --nebula.storage.directory="$work/$1" >"$work/$1.log" 2>&1 &
  apps[$1]=$!
  for _ in $(seq 600); do
    kill -0 "${apps[$1]}"
    ! curl -sf "http://127.0.0.1:${ports[$1]}/actuator/health/readiness" >/dev/null || return 0
    sleep 0.2
  done
  echo 'it is not ready'; exit 1
}
# client SERVER COMMAND...
client() { "$java" -Xmx128m -cp "$work/classes" Scale "${ports[$1]}" "${apps[$1]}" "${@:2}"; }
number() { grep -oE '^[0-9.]+' <<<"$1"; }
cpu() { client many cpu 0; }
median() { sort -n <<<"${1// /$'\n'}" | sed -n "$(((rounds + 1) / 2))p"; }
# target TEXT A RELATION B
target() {
  if awk -v a="$2" -v b="$4" "BEGIN { exit !(a $3 b) }"; then echo "  $1: yes"; else echo "  $1: NO"; missed+=("$1"); fi
}

# compare WHAT: measures the CPU of a GET on both servers, in turn.
compare() {
  local few_all='' many_all='' few_mid many_mid
  for _ in $(seq "$rounds"); do
    few_all+=" $(number "$(client few get "$few" "$millis" "$connections")")"
    many_all+=" $(number "$(client many get "$keys" "$millis" "$connections")")"
  done
  few_mid=$(median "${few_all# }") many_mid=$(median "${many_all# }")
  echo "GET of $few keys: $few_mid CPU-us (${few_all# })"
  echo "GET of $keys keys, $1: $many_mid CPU-us (${many_all# }), $(awk -v f="$few_mid" -v m="$many_mid" 'BEGIN { printf "%.2f", m / f }') times"
  target "a GET, $1, takes at most 2 times the CPU of one of few keys" "$many_mid" '<=' "$(awk -v f="$few_mid" 'BEGIN { print 2 * f }')"
}

serve few
echo "loading $few keys: $(client few load 0 "$few" "$few")"
client few get "$few" "$warmup" "$connections" >/dev/null

serve many
tenth=$((keys / 10))
early=$(client many load 0 "$tenth" "$keys")
echo "loading the first tenth of $keys keys: $early"
echo "loading the next eight: $(client many load "$tenth" $((9 * tenth)) "$keys")"
late=$(client many load $((9 * tenth)) "$keys" "$keys")
echo "loading the last tenth: $late"
target 'loading slows down by no more than 2 times' "$(number "$late")" '>=' "$(awk -v e="$(number "$early")" 'BEGIN { print e / 2 }')"
client many get "$keys" "$warmup" "$connections" >/dev/null
compare 'after loading'
echo "memory after loading: $(memory)"
serve many
client many get "$keys" "$warmup" "$connections" >/dev/null
compare 'after a start'

# The first keys, a power of ten, have a common prefix: the more keys, the shorter it is.
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
echo "memory after deleting: $(memory)"
if ((${#missed[@]} > 0)) && [[ -n ${CHECK:-} ]]; then exit 1; fi
