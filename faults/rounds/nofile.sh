# Few open files: if even the minimum does not fit, the start is refused in one line. Otherwise only as many connections
# are served as leave file descriptors for everything else, and writes continue meanwhile. When the process has no
# descriptor left all the same, since its limit is lowered while it runs, writes get 503, and health says what to do;
# with descriptors again, writes work again without intervention. The bug: the limit is lowered, and more connections
# are opened than it allows for.

: "${rounds:=3}"
bug_shows=broken
idle=()

prepare() {
  needs prlimit
  local real=$java
  printf '#!/bin/sh\nulimit -n "${OPEN_FILES:-1000}"\nexec %q "$@"\n' "$real" >"$work/java-nofile"
  chmod +x "$work/java-nofile"
  java=$work/java-nofile
  export OPEN_FILES=220
  server_options
  launch "${options[@]}"
  wait "$pid" && broke 'it starts with 220 files' || true
  pid=
  grep -q 'can.t start: The process may open 220 files (ulimit -n), and needs at least' "$log" \
    || broke "it does not say why it can't start"
  OPEN_FILES=1000
  serve
  grep -q 'may open 1000 files (ulimit -n), so at most' "$log" || broke 'it does not say how many connections are served'
}

open_files() { ls "/proc/$pid/fd" | wc -l; }
limit_to() { prlimit --pid "$pid" --nofile="$1:1000"; }

# come COUNT: opens this number of connections, which send nothing.
come() {
  local one
  for ((one = 0; one < $1; one++)); do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port" || break
    idle+=("$fd")
  done
}

go_away() {
  for fd in "${idle[@]}"; do exec {fd}>&-; done
  idle=()
}

one_round() {
  tell go "$port" MIXED
  tell await put-2xx 30
  [[ -z $control ]] || limit_to "$(($(open_files) + 20))"
  come 180
  pause 1000
  tell mark
  pause 2000
  tell counts
  (($(count write-2xx) > 0)) || broke "no write goes through beside 180 idle connections: $answer"
  [[ $(counted 'write-5..') == 0 ]] || broke "writes fail beside 180 idle connections: $answer"
  go_away
  if [[ -n $control ]]; then
    limit_to 1000
  else
    pause 500
    tell mark
    # Open connections keep theirs; a flush, a log or a look at the file system needs one more.
    health=
    exec {asking}<>"/dev/tcp/127.0.0.1/$port"
    pause 300
    limit_to 20
    tell await write-503 30
    [[ $answer == seen* ]] || broke "no write was refused: $answer"
    printf 'GET /actuator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&"$asking"
    health=$(timeout 10 cat <&"$asking") || true
    exec {asking}>&-
    [[ $health == *'limit of open files'* ]] || broke "health does not name the limit of open files: ${health:0:400}"
    limit_to 1000
  fi
  once_it_is_mended
  crash
  restart_and_check
}
