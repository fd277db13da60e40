#!/usr/bin/env bash
# Measures key-value servers on HTTP side by side.
#   compare.sh SERVER SERVER...
# A server is a URL whose path is followed by the key, such as http://127.0.0.1:8080/kv, or a peer
# (see peers.sh), such as webdis-always. The process of a URL is found by its port; pin it yourself.
# A peer is started if need be, pinned to SERVER_CPUS, and stopped at the end. Each is loaded with KEYS keys and
# warmed. Runs are interleaved (A B C A B C ...); every figure is the median of ROUNDS runs. Settings,
# from the environment: ROUNDS, SECONDS_EACH, WARM_SECONDS, KEYS, SCENARIOS, SERVER_CPUS, WRK_CPUS, OUT, HEADER (see kv.lua).
# The first server is the one compared:
#   x req/s    its requests/s divided by the row's (above 1: it is faster)
#   x CPU/req  its CPU time per request divided by the row's (below 1: it is cheaper)
# srv, wrk and others are the processors kept busy by the server, by wrk and by everything else on
# the machine: while others is not near 0, trust the CPU time per request and not the requests/s.
set -u
HTTP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=peers.sh
. "$HTTP_DIR/peers.sh"

ROUNDS=${ROUNDS:-3}
WARM_SECONDS=${WARM_SECONDS:-10}
SECONDS_EACH=${SECONDS_EACH:-3}
KEYS=${KEYS:-100000}
# op:connections:value bytes
SCENARIOS=${SCENARIOS:-get:1:100 get:16:100 get:64:100 get:256:100 put:1:100 put:16:100 put:64:100
put:256:100 mix:1:100 mix:16:100 mix:64:100 mix:256:100 get:64:10240 put:64:10240}
export SERVER_CPUS=${SERVER_CPUS-0}
WRK_CPUS=${WRK_CPUS-1}
OUT=${OUT:-${TMPDIR:-/tmp}/nebula-compare.tsv}

[ $# -ge 1 ] || { sed -n '2,14p' "$0" >&2; exit 2; }
servers=("$@")

is_peer() { [[ $1 != http://* ]]; }
url_of() { if is_peer "$1"; then peer_url "$1"; else echo "$1"; fi; }
scheme_of() { if is_peer "$1"; then peer_scheme "$1"; else echo "/${1#http://*/}/"; fi; }
name_of() { echo "${1#http://*:}"; }
pids_of() {
  local authority=${1#http://}
  if is_peer "$1"; then
    peer_pids "$1"
  else
    authority=${authority%%/*}
    ss -Hltnp "sport = :${authority##*:}" | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u
  fi
}

run_wrk() { # SERVER SECONDS CONNECTIONS OP KEYS BYTES PREFIX
  local pin=() TIMEFORMAT='CPU %U %S'
  [ -z "$WRK_CPUS" ] || pin=(taskset -c "$WRK_CPUS")
  { time "${pin[@]}" wrk -t 1 -c "$3" -d "$2" --timeout 10s -s "$HTTP_DIR/kv.lua" "$(url_of "$1")" \
    -- "$(scheme_of "$1")" "$4" "$5" "$6" "$7"; } 2>&1 |
    awk '/^RESULT/ {result = $2 " " $3 " " $4 " " $5 " " $6} /^CPU/ {print result, $2 + $3}'
}

# Busy time of the whole machine, in clock ticks.
machine_ticks() { awk '/^cpu / {print $2 + $3 + $4 + $7 + $8}' /proc/stat; }

# One run: requests/s, p50 us, p99 us, CPU us/request, errors, RSS MiB, and the processors kept
# busy by the server, by wrk and by others
measure() { # SERVER OP CONNECTIONS BYTES
  local prefix=key: keys=$KEYS before after machine_before machine_after began ended
  local requests seconds p50 p99 errors wrk
  local -a pids
  if [ "$4" -gt 1000 ]; then prefix=big: keys=1000; fi
  mapfile -t pids < <(pids_of "$1" | tr ' ' '\n')
  machine_before=$(machine_ticks) began=$EPOCHREALTIME
  before=$(cpu_ticks "${pids[@]}")
  read -r requests seconds p50 p99 errors wrk < <(
    run_wrk "$1" "$SECONDS_EACH" "$3" "$2" "$keys" "$4" "$prefix")
  after=$(cpu_ticks "${pids[@]}")
  machine_after=$(machine_ticks) ended=$EPOCHREALTIME
  awk -v r="$requests" -v s="$seconds" -v p50="$p50" -v p99="$p99" -v e="$errors" \
    -v t=$((after - before)) -v m=$((machine_after - machine_before)) -v w="$wrk" \
    -v wall="$(awk -v a="$began" -v b="$ended" 'BEGIN {print b - a}')" \
    -v rss="$(rss_kib "${pids[@]}")" 'BEGIN {
      others = ((m - t) / 100 - w) / wall
      printf "%.0f\t%.0f\t%.0f\t%.1f\t%d\t%.0f\t%.2f\t%.2f\t%.2f\n",
        r / s, p50, p99, r ? t * 10000 / r : 0, e, rss / 1024, t / 100 / s, w / s, others
    }'
}

row() { printf '%-16s %8s %8s %9s %8s %6s %7s %5s %5s %6s %8s %9s\n' "$@"; }

median() { sort -n | awk '{v[NR]=$1} END {if (!NR) print 0; else print NR%2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }

started=()
cleanup() { for peer in "${started[@]}"; do peer_stop "$peer"; done; }
trap cleanup EXIT
trap 'exit 130' INT TERM

prepare() { # SERVER
  if is_peer "$1" && [ ! -f "$PEERS_DIR/$1/pids" ]; then
    FRESH=${FRESH:-1} peer_start "$1" >/dev/null || exit 1
    started+=("$1")
  fi
  if ! is_peer "$1" || peer_stores "$1"; then
    run_wrk "$1" 120 64 load "$KEYS" 100 key: >/dev/null
    [[ $SCENARIOS != *:10240* ]] || run_wrk "$1" 120 64 load 1000 10240 big: >/dev/null
    [ "$WARM_SECONDS" = 0 ] || run_wrk "$1" "$WARM_SECONDS" 64 mix "$KEYS" 100 key: >/dev/null
  fi
  echo "$(name_of "$1") is ready" >&2
}

# nginx-fixed returns only a fixed response.
can_do() { [ "$1" != nginx-fixed ] || [ "$2$3" = get100 ]; } # SERVER OP BYTES

compare() { # SCENARIO
  local op connections bytes round server column first_rate='' first_cpu=''
  local -a figures
  IFS=: read -r op connections bytes <<<"$1"
  for round in $(seq "$ROUNDS"); do
    for server in "${servers[@]}"; do
      can_do "$server" "$op" "$bytes" || continue
      printf '%s\t%s\t%s\t%s\n' "$1" "$server" "$round" \
        "$(measure "$server" "$op" "$connections" "$bytes")" >>"$OUT"
    done
  done

  printf '\n%s, %s connections, %s-byte values\n' "$op" "$connections" "$bytes"
  row server 'req/s' 'p50 us' 'p99 us' 'CPU us' errors 'RSS MiB' srv wrk others 'x req/s' 'x CPU/req'
  for server in "${servers[@]}"; do
    figures=()
    for column in 4 5 6 7 8 9 10 11 12; do
      figures+=("$(awk -F'\t' -v s="$1" -v n="$server" -v c="$column" \
        '$1==s && $2==n {print $c}' "$OUT" | median)")
    done
    [ "${figures[0]}" != 0 ] || continue
    first_rate=${first_rate:-${figures[0]}}
    first_cpu=${first_cpu:-${figures[3]}}
    row "$(name_of "$server")" "${figures[@]}" \
      "$(awk -v a="$first_rate" -v b="${figures[0]}" 'BEGIN{printf "%.2f", b?a/b:0}')" \
      "$(awk -v a="$first_cpu" -v b="${figures[3]}" 'BEGIN{printf "%.2f", b?a/b:0}')"
  done
}

for server in "${servers[@]}"; do prepare "$server"; done
: >"$OUT"
for scenario in $SCENARIOS; do compare "$scenario"; done
