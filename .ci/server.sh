# For the checks that need a running server; they source this in the root of the repository.
# start ARG... runs the jar on a free port of the loopback and sets pid, url and log; it ends with
# the script at the latest. Its entries are in $directory, by default one that goes with the script.

skip() { echo "skipped: $*"; exit 77; }
fail() {
  echo "FAILED: $*" >&2
  [[ ! -s ${log:-} ]] || tail -20 "$log" >&2
  exit 1
}

java=
for home in "${JAVA_HOME:-/none}" /usr/lib/jvm/*; do
  if grep -qs '^JAVA_VERSION="25' "$home/release"; then java=$home/bin/java; break; fi
done
[[ -n $java ]] || skip 'no JDK 25 in JAVA_HOME or /usr/lib/jvm'
jars=(target/nebulastore-*.jar)
jar=${jars[0]}
[[ -f $jar ]] || fail 'there is no jar in target: run ./mvnw verify first'

pid=
work=$(mktemp -d)
log=$work/log
cleanup() {
  trap - EXIT
  if [[ -n $pid ]]; then { kill -KILL "$pid"; wait "$pid"; } 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# until_true SECONDS COMMAND...: whether the command came true within that time.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

listening() { grep -qE 'https?://localhost:[0-9]+/' "$log" || ! kill -0 "$pid" 2>/dev/null; }

launch() {
  : >"$log"
  "$java" -Xmx128m -jar "$jar" --server.address=127.0.0.1 --server.port=0 \
    --nebula.storage.directory="${directory:-$work/data}" "$@" >"$log" 2>&1 &
  pid=$!
}

spoken() { [[ -s $log ]]; }

# With silence_limit set, one that has said nothing for so many seconds is begun again, once.
start() {
  launch "$@"
  if [[ -n ${silence_limit:-} ]] && ! until_true "$silence_limit" spoken; then
    echo "no word within $silence_limit s: begun again"
    { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
    launch "$@"
  fi
  until_true 120 listening || fail 'no start within 120 s'
  local told
  told=$(grep -oE 'https?://localhost:[0-9]+/' "$log") || fail 'it did not start'
  told=${told%/}
  url=${told/localhost/127.0.0.1}
}
