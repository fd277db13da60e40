# Shared by the faults: the server on its directory, the clients, a disk on which faults can be injected, and the
# verdict. faults/run sources this in the root of the repository, with fault, control and rounds set. Each file in
# faults/rounds then defines
#   prepare    sets up what is needed once; skips if a tool is not available
#   one_round  injects the fault, restarts, checks
# and sets rounds, if the caller did not, and bug_shows: what its control must find, as the names of figures with |
# between, or broken for a promise that the round itself checks; and client, with client_sources, if it has its own.

source .ci/server.sh

readonly seed=${SEED:-$((SECONDS + RANDOM * 32768 + RANDOM))}
readonly ready_limit=${READY_LIMIT:-10}
readonly client_java=$java
RANDOM=$((seed % 32768))

engine=${ENGINE:-rocksdb}
directory=$work/data
sync=
settings=()
broken=()
bug_shows=lost
late=
slowest=0 first_start=
patience=20
answer=
to_clients= from_clients= clients=
client=Clients client_sources=(faults/*.java)
disk= mounted=() loops=() helpers=()

clean_all() {
  trap - EXIT
  local one
  [[ -z $pid ]] || { kill -KILL "$pid"; wait "$pid"; } 2>/dev/null || true
  pid=
  [[ -z $clients ]] || { kill -KILL "$clients"; wait "$clients"; } 2>/dev/null || true
  for ((one = ${#mounted[@]} - 1; one >= 0; one--)); do
    umount "${mounted[one]}" 2>/dev/null || umount -l "${mounted[one]}" 2>/dev/null || true
  done
  for one in "${loops[@]}"; do losetup -d "$one" 2>/dev/null || true; done
  for one in "${helpers[@]}"; do kill "$one" 2>/dev/null || true; done
  cleanup
}
trap clean_all EXIT

# as_in_the_image: the extracted jar with its AOT cache, which halves the processor time of a start. Created once for
# each jar.
as_in_the_image() {
  local app=target/faults
  if [[ ! $app/app.aot -nt $jar ]]; then
    rm -rf "$app"
    "$client_java" -Djarmode=tools -jar "$jar" extract --application-filename app.jar --destination "$app" \
      >"$log" 2>&1 || fail 'the jar can not be extracted'
    timeout 120 "$client_java" -XX:AOTCacheOutput="$app/app.aot" -Dspring.context.exit=onRefresh -jar "$app/app.jar" \
      --server.address=127.0.0.1 --server.port=0 --nebula.storage.directory="$work/training" >"$log" 2>&1 \
      || fail 'the start created no AOT cache'
  fi
  jar=$app/app.jar
  run_java "$client_java"
}

# run_java COMMAND...: starts the server with this command.
run_java() {
  printf '#!/bin/sh\nexec %s -XX:-UsePerfData -XX:AOTCache=%q -Xlog:aot=off -Xlog:cds=off "$@"\n' \
    "$(printf '%q ' "$@")" "$PWD/target/faults/app.aot" >"$work/java"
  chmod +x "$work/java"
  java=$work/java
}

# As that of .ci/server.sh, with what was found before.
fail() {
  echo "FAILED: $*" >&2
  ((${#broken[@]} == 0)) || printf '  %s\n' "${broken[@]}" >&2
  echo "  repeat it with SEED=$seed faults/run $fault${control:+ --control} $rounds" >&2
  [[ ! -s $log ]] || tail -20 "$log" | cut -c1-400 >&2
  exit 1
}

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "needs $tool"
  done
}
needs curl
[[ -x ${client_java%java}javac ]] || skip 'needs the JDK, not only its java'

# between LOW HIGH: sets chance to a random number in that range.
between() { chance=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }

pause() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# broke TEXT: records a broken promise, which is reported at the end, and which a control looks for.
broke() {
  broken+=("round ${round:-0}: $*")
  [[ -n $control ]] || cp "$log" "$work/log.broken" 2>/dev/null || true
}

as_in_the_image

# The clients, whose journal outlives the server.
begin_clients() {
  "${client_java%java}javac" -d "$work/classes" "${client_sources[@]}"
  : >"$work/breaches"
  coproc CLIENTS {
    exec "$client_java" -Xmx512m -Dwriters="${WRITERS:-16}" -Dkeys="${KEYS:-24}" -cp "$work/classes" "$client" "$seed" "$work/breaches" 2>"$work/clients"
  }
  clients=$CLIENTS_PID
  exec {from_clients}<&"${CLIENTS[0]}" {to_clients}>&"${CLIENTS[1]}"
}

# tell ORDER...: sets answer.
tell() {
  echo "$*" >&"$to_clients" || fail "the clients are gone: $(tail -5 "$work/clients")"
  IFS= read -r -t 120 answer <&"$from_clients" \
    || fail "the clients do not answer '$*': $(tail -5 "$work/clients")"
}

# count NAME: the number behind NAME= in the clients' last answer.
count() {
  local number
  number=$(grep -oE "(^| )$1=[0-9]+" <<<"$answer" | grep -oE '[0-9]+$') || number=0
  echo "$number"
}

# counted PATTERN: the sum of all numbers whose names match in the last answer.
counted() { grep -oE "(^| )($1)=[0-9]+" <<<"$answer" | grep -oE '[0-9]+$' | paste -sd+ | bc_or_zero; }
bc_or_zero() { local sum; read -r sum || sum=0; echo $((${sum:-0})); }

server_options() {
  options=("--nebula.storage.engine=$engine")
  [[ -z $sync || $engine != rocksdb ]] || options+=("--nebula.storage.rocksdb.sync=$sync")
  options+=("${settings[@]}")
}

ready() { [[ $(status /actuator/health/readiness) == 200 ]] || ! kill -0 "$pid" 2>/dev/null; }
status() { curl -s -o /dev/null -m 5 -w '%{http_code}' "$url$1" || true; }

# The processor time of all processes, and of the server, in hundredths of a second.
all_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
own_ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }

# serve ARG...: starts the server and waits until it is ready, up to a limit, which does not hold while others use more
# than half a processor.
serve() {
  local began=${EPOCHREALTIME/./} options took others
  others=-$(all_ticks)
  server_options
  start "${options[@]}" "$@"
  until_true 60 ready || fail 'not ready within 60 s of its start'
  [[ $(status /actuator/health/readiness) == 200 ]] || fail 'it is not ready'
  took=$(((${EPOCHREALTIME/./} - began) / 1000))
  # On a busy machine the limit depends on how long the first start took, with nothing to recover.
  : "${first_start:=$took}"
  ((took <= slowest)) || slowest=$took
  others=$((others + $(all_ticks) - $(own_ticks)))
  ((took <= ready_limit * 1000 || took <= first_start * 2 || others * 10 > took / 2)) || late+=" $took"
  port=${url##*:}
}

crash() {
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
}

# check: compares every key with its history; sets breaches to the number of violations.
check() {
  tell check "$port"
  breaches=$(count breaches)
  if [[ $(count unanswered) != 0 && -z ${may_be_corrupt:-} ]]; then
    local silent=$answer
    tell counts
    broke "$silent; $answer"
  fi
}

# restart_and_check: restarts the server after the fault and a kill, and checks what is there.
restart_and_check() {
  tell halt
  tell mark
  serve
  check
}

# A separate file system: new_disk MEGABYTES [OPTION OF mkfs.ext4]...
new_disk() {
  disk=$work/disk
  mkdir -p "$disk"
  truncate -s "$1M" "$work/image"
  mkfs.ext4 -q -F "${@:2}" "$work/image" || skip 'mkfs.ext4 fails here'
  mount_disk || skip 'an ext4 on a loop device can not be mounted here'
  directory=$disk/data
}

mount_disk() {
  loop=$(losetup -f --show "$work/image" 2>/dev/null) || return 1
  loops+=("$loop")
  mount -o errors=remount-ro "$loop" "$disk" 2>/dev/null || return 1
  mounted+=("$disk")
}

# unmount_disk: discards everything that is still cached; for use after a crash.
unmount_disk() {
  local mount
  for mount in "${mounted[@]}"; do
    until_true 10 umount "$disk" || fail 'the disk is still in use after the server ended'
  done
  mounted=()
  for loop in "${loops[@]}"; do losetup -d "$loop"; done
  loops=()
}

# never_sync: the planted bug of controls that need a disk, with large buffers, so that no table is written meanwhile,
# whose sync would be seen to fail.
never_sync() {
  sync=never
  settings+=(--nebula.storage.rocksdb.memtable-size=64MB)
}

# while_disk_fails [MILLISECONDS]: writes get 503 and none is acknowledged, health is DOWN, reads continue.
while_disk_fails() {
  tell await write-503 "$patience"
  [[ $answer == seen* ]] || broke "no write was refused: $answer"
  pause 300
  tell mark
  until_true 10 health_is 503 || broke "health is $(status /actuator/health) while the disk fails"
  pause "${1:-1500}"
  tell counts
  [[ $(count write-2xx) == 0 ]] || broke "writes are acknowledged while the disk fails: $answer"
  (($(counted 'read-(200|404)') > 0)) || broke "no read is answered while the disk fails: $answer"
  [[ $(counted 'read-(5..|broken|unsent|corrupt)') == 0 ]] || broke "reads fail with the disk: $answer"
  [[ $(counted 'unsaid-[a-z0-9-]+') == 0 ]] || broke "no word whether it was applied: $answer"
}

# resize_to COUNT: requests another number of shards, and sets code to the status of the response.
resize_to() {
  code=$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"count\":$1}" \
    "$url/actuator/shards" || true)
}

settled() { ! curl -s -m 10 "$url/actuator/shards" | grep -q '"state":"moving"'; }

# latency SHARD MILLISECONDS: sets p99 to that of reads of all other shards, or of all for none.
latency() {
  p99=$("$client_java" -Dreaders="${READERS:-4}" -cp "$work/classes" Latency "$port" "$1" "$2") || broke "reads of all shards but $1: $p99"
  p99=$(grep -oE 'p99=[0-9]+' <<<"$p99" | cut -d= -f2)
}

health_is() { [[ $(status /actuator/health) == "$1" ]]; }

# once_it_is_mended: writes work again without intervention.
once_it_is_mended() {
  tell mark
  tell await put-2xx 60
  if [[ $answer == seen* ]]; then
    ((${answer#seen } <= ${slowest_back:-0})) || slowest_back=${answer#seen }
  else
    broke "writes do not come back: $answer"
  fi
  until_true 15 health_is 200 || broke "health is $(status /actuator/health) after the disk is mended"
  pause 500
}

# verdict: prints the line of figures, and whether everything held; a control must have found something.
verdict() {
  tell figures
  local line="$fault${control:+ --control}: rounds=$rounds $answer first-ready=${first_start}ms slowest-ready=${slowest}ms"
  line+="${slowest_back:+ slowest-back=${slowest_back}ms}${extra:+ $extra} seed=$seed"
  local found=$(($(counted 'lost|ghosts|wrong|back|violations|undecided|disagreements|unexpected') + ${#broken[@]}))
  echo "$line"
  if [[ -n $control ]]; then
    if [[ $bug_shows != broken ]]; then
      (($(counted "$bug_shows") > 0)) || fail "the bug was on and $bug_shows is 0"
      printf '  found, as it must be: %s\n' "$(head -1 "$work/breaches" | cut -c1-300)"
    else
      ((${#broken[@]} > 0)) || fail "the bug was on and no promise was found broken"
      printf '  found, as it must be: %s\n' "${broken[0]}"
    fi
    return
  fi
  [[ -z $late ]] || broke "not ready within $ready_limit s: ms$late"
  if ((found > 0)) || [[ -n $late ]]; then
    head -5 "$work/breaches" >&2
    [[ ! -s $work/log.broken ]] || log=$work/log.broken
    fail "$found violations"
  fi
}
