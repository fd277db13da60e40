# 10,000 connections complete a TLS handshake and stay open, after one request or, every fourth, with a head without an
# end, with the heap of the image in a container of 512 MB. Then 2,000 more connections never complete a handshake. Each
# request is served or refused; the longest idle connections are closed for new ones, so that an established client and
# new ones are served all the time. The bug: the limit of connections that the heap allows without TLS, with which the
# server runs out of memory.

: "${rounds:=1}"
readonly connections=${CONNECTIONS:-10000} half_open=${HALF_OPEN:-2000} heap=${HEAP:-179}
readonly memory_limit=${MEMORY_LIMIT:-512} seconds=${SECONDS_TO_OPEN:-120}
bug_shows=broken
[[ -z $control ]] || settings+=(--nebula.limits.connections=$((heap * 64)))

# As those of faults/lib.sh and .ci/server.sh, for a server whose certificate nobody has signed.
status() { curl -sk -o /dev/null -m 5 -w '%{http_code}' "$url$1" || true; }

prepare() {
  # Of the client, or of the server with the bug, which accepts heap * 64 connections.
  local client=$((connections + half_open + 2000)) server=$((heap * 64 + 2000)) files
  files=$((client > server ? client : server))
  ulimit -n "$files" 2>/dev/null || (($(ulimit -n) >= files)) \
    || skip "needs $files open files, and $(ulimit -n) are allowed"
  "${client_java%java}keytool" -genkeypair -alias key -keyalg EC -groupname secp256r1 -dname CN=localhost \
    -storetype PKCS12 -keystore "$work/key.p12" -storepass secret 2>/dev/null || skip 'keytool makes no key'
  settings+=("--server.ssl.key-store=$work/key.p12" --server.ssl.key-store-password=secret)
  # So that on a busy machine, too, no connection is closed for its age.
  settings+=(--server.tomcat.keep-alive-timeout=10m --server.tomcat.connection-timeout=10m)
  # The first argument is that of .ci/server.sh.
  printf '#!/bin/sh\nshift\nexec %q -Xmx%dm -XX:+UseSerialGC "$@"\n' "$java" "$heap" >"$work/java-tls"
  chmod +x "$work/java-tls"
  java=$work/java-tls
  serve
}

figure() { grep -oE "(^| )$1=[0-9]+" <<<"$line" | cut -d= -f2 || echo 0; }

one_round() {
  line=$(timeout $((seconds + 60)) "$client_java" -Xmx2g -cp "$work/classes" \
    IdleTls "$port" "$pid" "$connections" "$half_open" "$seconds" 2>&1) \
    || { broke "the load could not be brought: $(tail -20 <<<"$line")"; line=; }
  extra=$line
  # Without failures, a machine that is too slow to open them all says nothing about the server.
  [[ -z $line ]] || (($(figure begun) == connections || $(figure idle-failed) + $(figure new-failed) > 0)) \
    || fail "only $(figure begun) of $connections connections were opened within $seconds s: $line"
  ! grep -q OutOfMemoryError "$log" || broke 'an OutOfMemoryError'
  (($(figure idle-served) + $(figure idle-refused) + $(figure idle-slow) == connections)) \
    || broke "not each was served or refused: $line"
  # Far fewer fit than come, so that most of them were closed for later ones.
  (($(figure youngest-kept) == 100)) || broke "the youngest were not kept: $line"
  local name
  for name in read-failed read-refused new-failed new-refused; do
    [[ $(figure "$name") == 0 ]] || broke "$(figure "$name") $name: $line"
  done
  (($(figure half-open) == half_open)) \
    || broke "$(figure half-open) connections without a handshake were accepted: $line"
  [[ $(figure newcomer) == 404 ]] || broke "a newcomer is not served: $line"
  (($(figure rss-peak) <= memory_limit)) || broke "more than $memory_limit MB: $line"
  kill -0 "$pid" 2>/dev/null || broke 'the server is gone'
  until_true 15 health_is 200 || broke "health is $(status /actuator/health) afterwards"
}
