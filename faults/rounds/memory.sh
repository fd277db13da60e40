# Values of the maximum size for the heap, at 160 MB and at 512 MB: readers, writers, deleters by prefix, expiries,
# batches, transactions, and clients that never read their responses (faults/Large.java). Each request gets a proper
# response, there is no OutOfMemoryError, and the server is healthy afterwards. Then 70 clients request twelve values of
# 1 MB each and read nothing: others can read within a few seconds. The bug: the memory of values is not counted.

: "${rounds:=1}"
readonly seconds=${SECONDS_EACH:-7}
readonly heaps=${HEAPS:-160 512}
readonly -A largest_value=([160]=16 [512]=64)
readonly patience_for_others=4000
client_sources=(faults/*.java)
bug_shows=broken
[[ -z $control ]] || settings+=(--nebula.limits.content-memory=100GB)

prepare() { plain_java=$java; }

# with_heap MEGABYTES [ARG]...: starts a server on an empty directory.
with_heap() {
  printf '#!/bin/sh\nshift\nexec %q -Xmx%dm "$@"\n' "$plain_java" "$1" >"$work/java-memory"
  chmod +x "$work/java-memory"
  java=$work/java-memory
  directory=$work/data-$round-$1-$RANDOM
  serve "${@:2}"
}

end_server() {
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  pid=
  rm -rf "$directory"
}

figure() { grep -oE "(^| )$1=[0-9]+" <<<"$line" | cut -d= -f2 || echo 0; }

# large WHAT BYTES: sets line.
large() {
  line=$(timeout 150 "$client_java" -Xmx512m -cp "$work/classes" Large "$port" "$1" "$2" "$seconds" 2>&1) \
    || { broke "the load could not be brought: $(tail -3 <<<"$line")"; line=; }
  extra+="$extra_separator$1: $line"
  extra_separator=' | '
}
extra_separator=

largest_goes_through() {
  [[ $(curl -s -o /dev/null -m 10 -w '%{http_code}' -T "$work/largest" "$url/kv/largest") == 20[14] ]] \
    && [[ $(curl -s -o /dev/null -m 10 -w '%{http_code} %{size_download}' "$url/kv/largest") == "200 $(stat -c %s "$work/largest")" ]]
}

nothing_is_counted() { curl -s -m 5 "$url/actuator/prometheus" | grep -qE '^nebula_requests_content_bytes 0(\.0)?$'; }

healthy_afterwards() {
  local errors
  errors=$(grep -c OutOfMemoryError "$log" || true)
  ((errors == 0)) || broke "$1 MB: $errors lines with OutOfMemoryError"
  kill -0 "$pid" 2>/dev/null || { broke "$1 MB: the server is gone"; return; }
  until_true 10 health_is 200 || broke "$1 MB: health is $(status /actuator/health)"
  [[ $(curl -s -o /dev/null -m 5 -w '%{http_code}' -X PUT -d x "$url/kv/small") == 20[14] ]] || broke "$1 MB: no write goes through"
  [[ $(status /kv/small) == 200 ]] || broke "$1 MB: no read goes through"
  until_true 10 nothing_is_counted || broke "$1 MB: memory was not given back"
  [[ $(status /actuator/health/liveness) == 200 ]] || broke "$1 MB: it is not alive"
}

# as_large_as_it_may_be HEAP MEGABYTES
as_large_as_it_may_be() {
  with_heap "$1" "--nebula.limits.value-size=$2MB"
  large all $(($2 << 20))
  ! grep -qE 'unexpected-|no-retry-after' <<<"$line" || broke "$1 MB: not each request got a proper answer: $line"
  (($(figure write-201) + $(figure write-204) + $(figure expiring-201) + $(figure expiring-204) > 0)) \
    || broke "$1 MB: no write went through: $line"
  healthy_afterwards "$1"
  head -c "$(($2 << 20))" /dev/zero >"$work/largest"
  until_true 10 largest_goes_through || broke "$1 MB: no value of $2 MB goes through when all others are gone"
  end_server
}

one_round() {
  local heap
  for heap in $heaps; do
    as_large_as_it_may_be "$heap" "${largest_value[$heap]}"
  done
  with_heap 179
  large receivers $((1 << 20))
  (($(figure longest-refusal) <= patience_for_others)) || broke "others could not read for $(figure longest-refusal) ms"
  healthy_afterwards 179
  end_server
}
