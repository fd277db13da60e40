# The server gets no processor: first the whole process is stopped (SIGSTOP, FREEZE milliseconds), then 50 busy loops
# use the machine, and the carriers of virtual threads have the lowest priority (STARVE milliseconds). No worker is
# stuck, since none of them could run: no worker is replaced, liveness stays UP, and nothing is lost. The bug: the
# supervisor also counts the time during which its canary did not run. Needs /proc and renice.

: "${rounds:=3}"
: "${FREEZE:=30000}"
: "${STARVE:=15000}"
readonly loops_beside=50
bug_shows=broken
longest_stop=0 replaced=0

# without_canary: the server with one changed class in front of its jar.
without_canary() {
  local class=dev/nebulastore/supervision/CarrierWatch app=$PWD/target/faults/app.jar
  mkdir -p "$work/bug/$class"
  sed 's/return Math.min(elapsed, ran);/return elapsed;/' "src/main/java/$class.java" >"$work/bug/CarrierWatch.java"
  ! cmp -s "$work/bug/CarrierWatch.java" "src/main/java/$class.java" || fail 'CarrierWatch.java has changed: no bug put in'
  "${client_java}c" -nowarn -proc:none -cp "$app" -d "$work/bug" "$work/bug/CarrierWatch.java" >"$log" 2>&1 \
    || fail 'the bug can not be compiled'
  cat >"$work/java-bug" <<END
#!/bin/bash
arguments=()
while ((\$#)); do
  case \$1 in
    -jar) arguments+=(-cp "$work/bug:\$2" dev.nebulastore.NebulaStoreApplication); shift 2 ;;
    *) arguments+=("\$1"); shift ;;
  esac
done
exec $(printf '%q' "$client_java") -XX:-UsePerfData "\${arguments[@]}"
END
  chmod +x "$work/java-bug"
  java=$work/java-bug
}

prepare() {
  needs renice
  [[ -d /proc/self/task ]] || skip 'needs /proc'
  [[ -z $control ]] || without_canary
  serve
}

# carriers NICE: sets the priority of all carriers of virtual threads.
carriers() {
  local name
  for name in /proc/"$pid"/task/*/comm; do
    ! grep -q '^ForkJoi' "$name" || { name=${name%/comm}; renice -n "$1" -p "${name##*/}" >/dev/null 2>&1 || true; }
  done
}

starve() {
  local i busy=()
  for ((i = 0; i < loops_beside; i++)); do
    (while :; do :; done) &
    busy+=($!)
    helpers+=($!)
  done
  carriers 19
  pause "$STARVE"
  { kill "${busy[@]}" && wait "${busy[@]}"; } 2>/dev/null || true
  carriers 0
}

nobody_replaced() {
  local generations
  generations=$(curl -s -m 60 "$url/actuator/shards" | grep -oE '"generation":[0-9]+' | grep -oE '[0-9]+')
  [[ -n $generations ]] || { broke "$1: the state of the shards is not available"; return; }
  replaced=$(awk '{ sum += $1 - 1 } END { print sum }' <<<"$generations")
  ((replaced == 0)) || broke "$1: $replaced workers were replaced"
  ! grep -q 'No virtual thread runs' "$log" || broke "$1: carriers are said to be held"
}

one_round() {
  tell go "$port"
  pause 1000
  kill -STOP "$pid"
  pause "$FREEZE"
  kill -CONT "$pid"
  pause 1000
  nobody_replaced 'after a stop of the whole'
  starve
  nobody_replaced 'after a time without a processor'
  until_true 10 health_is 200 || broke "health is $(status /actuator/health) afterwards"
  crash
  restart_and_check
}
