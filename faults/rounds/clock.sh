# The system clock is set forward by two hours and back again while the server runs under load, and between two runs.
# Entries with a time to live expire when it is over, clients get the system time, a deletion by prefix works, health
# reports how far store time is ahead, and nothing is lost. A library that is loaded before libc changes the clock. The
# bug: the store clock stops until the system clock has caught up, as it once did.

: "${rounds:=10}"
bug_shows=broken

prepare() {
  needs gcc
  gcc -O2 -shared -fPIC -o "$work/clock.so" faults/rounds/clock.c -ldl >"$log" 2>&1 || skip 'gcc makes no library here'
  set_clock 0
  [[ -z $control ]] || stand_still
  run_java env "LD_PRELOAD=$work/clock.so" "CLOCK_OFFSET=$work/offset" "$client_java"
  serve
}

# set_clock SECONDS: sets the clock this far ahead of the machine's. Writes eight bytes at once.
set_clock() {
  local bytes='' byte millis=$(($1 * 1000))
  for ((byte = 0; byte < 64; byte += 8)); do bytes+=$(printf '\\x%02x' $((millis >> byte & 255))); done
  printf "$bytes" | dd of="$work/offset" conv=notrunc status=none
}

# Plants the bug in a copy of the server.
stand_still() {
  local app=$work/app source=dev/nebulastore/time/MonotonicClock
  mkdir -p "$app" "$work/bug/$(dirname $source)"
  cp -r target/faults/app.jar target/faults/lib "$app"
  sed 's/before.millis + elapsed/before.millis/' "src/main/java/$source.java" >"$work/bug/$source.java"
  ! cmp -s "src/main/java/$source.java" "$work/bug/$source.java" || fail 'there is no place for the bug any more'
  "${client_java%java}javac" -nowarn -cp "$app/app.jar:$app/lib/*" -d "$work/bug" "$work/bug/$source.java" >"$log" 2>&1 \
    || fail 'the bug does not compile'
  (cd "$work/bug" && find . -name '*.class' | xargs "${client_java%java}jar" uf "$app/app.jar")
  jar=$app/app.jar
}

put() {
  local got
  got=$(curl -s -m 10 -o /dev/null -w '%{http_code}' -X PUT -d value "$url/kv/$1")
  [[ $got == 20[14] ]] || broke "PUT $1 is answered $got"
}
gone() { [[ $(status "/kv/$1") == 404 ]]; }
# header KEY NAME: the value in seconds since 1970.
header() { date -d "$(curl -sI -m 10 "$url/kv/$1" | tr -d '\r' | sed -n "s/^$2: //p")" +%s; }

# tells_right KEY SECONDS: the remaining time to live is reported in system time, which is correct now.
tells_right() {
  local told=$(($(header "$1" Nebula-Expires) - $(date +%s)))
  ((told <= $2 + 1 && told >= $2 - 30)) || broke "$1 expires in $2 s at most, and says in $told s"
  (($(header "$1" Last-Modified) <= $(header "$1" Date))) || broke "$1 was modified after the date of the answer"
}

# is_well PREFIX: what must hold once the clock is correct again, for entries written from now on.
is_well() {
  local answer
  put "$1/new?ttl=60"
  tells_right "$1/new" 60
  for key in 1 2 3; do put "$1/set/$key"; done
  answer=$(curl -s -m 20 -X DELETE "$url/keys?prefix=$1/set/")
  [[ $answer == '{"deleted":3}' ]] || broke "a deletion by prefix: $answer"
  curl -s -m 10 "$url/actuator/health" | grep -q '"clock":{[^}]*}[^}]*"status":"DEGRADED"' \
    || broke 'health does not say that store time is ahead'
}

one_round() {
  local ahead=$((7200 + 300 * round)) in=clock/$round
  tell go "$port"
  set_clock "$ahead"
  put "$in/early?ttl=3"
  pause 300
  set_clock 0
  is_well "$in/a"
  until_true 8 gone "$in/early" || broke 'an entry with three seconds to live is there after eight'

  set_clock "$ahead"
  put "$in/between?ttl=3"
  put "$in/lasting?ttl=600"
  crash
  tell halt
  set_clock 0
  serve
  tells_right "$in/lasting" 600
  is_well "$in/b"
  until_true 8 gone "$in/between" || broke 'an entry with three seconds to live is there eight after a restart'

  put "$in/passed?ttl=60"
  set_clock $((ahead + 200))
  gone "$in/passed" || broke 'an entry is there whose time the clock has passed'
  set_clock 0
  gone "$in/passed" || broke 'an entry is there again whose time the clock had passed'
  tell mark
  check
}
