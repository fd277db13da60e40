# 300 values of 1 MB expire together, with a heap that holds few of them at a time, while every tenth read ends in an
# OutOfMemoryError. The error is injected into Readers: memory is counted, so it does not occur naturally. All values
# are swept, each key can be written again, and health is UP in the end. The bug: a reader thread handles only RocksDB's
# own exceptions, so that nobody gets a response after an OutOfMemoryError.

: "${rounds:=1}"
: "${values:=${VALUES:-300}}"
: "${heap:=${HEAP:-160}}"
bug_shows=broken

prepare() {
  with_errors
  # The first argument is that of .ci/server.sh.
  printf '#!/bin/sh\nshift\nexec %q -Xmx%dm "$@"\n' "$client_java" "$heap" >"$work/java-expire"
  chmod +x "$work/java-expire"
  java=$work/java-expire
  head -c 1000000 /dev/urandom >"$work/value"
  settings+=(--nebula.expiry.interval=2s)
}

# replaced PATTERN TEXT: replaces text in a line of Readers.java, which must exist.
replaced() {
  cp "$work/source/Readers.java" "$work/source/before"
  sed -i "s/$1/$2/" "$work/source/Readers.java"
  ! cmp -s "$work/source/before" "$work/source/Readers.java" || fail "Readers.java has changed: there is no $1"
}

# with_errors: the server with one class changed. Another jar has no AOT cache.
with_errors() {
  local app=$work/errors
  cp -r target/faults "$app"
  rm -f "$app/app.aot"
  mkdir "$work/source" "$work/classes-of-readers"
  cp src/main/java/dev/nebulastore/storage/rocksdb/Readers.java "$work/source/Readers.java"
  replaced '^        found = reading.read();' '        if (ended.incrementAndGet() % 10 == 0) { throw new OutOfMemoryError("put in"); }\n&'
  replaced '^  private final LongSupplier nanoTime;' '&\n  private final AtomicLong ended = new AtomicLong();'
  [[ -z $control ]] || replaced '^      } catch (Throwable e) {' '      } catch (RocksDBException e) {'
  "${client_java%java}javac" -nowarn -proc:none -cp "$app/app.jar:$app/lib/*" -d "$work/classes-of-readers" \
    "$work/source/Readers.java" 2>"$log" || fail 'the errors do not compile'
  "${client_java%java}jar" --update --file "$app/app.jar" -C "$work/classes-of-readers" . || fail 'the errors can not be packed'
  jar=$app/app.jar
}

# code METHOD KEY [ARG...]: sets code to the status of the response.
code() { code=$(curl -s -o /dev/null -m 10 -w '%{http_code}' -X "$1" "${@:3}" "$url/kv/$2" || true); }

# All of them expire within the second that ends at $until. A PUT whose look-up ended in the Error is repeated.
put_all() {
  local i
  until=$((SECONDS + 5 + values / 10))
  for ((i = 0; i < values; i++)); do
    code PUT "expire-$round-$i?ttl=$((until - SECONDS))" --data-binary "@$work/value"
    [[ $code != 503 ]] || code PUT "expire-$round-$i?ttl=$((until - SECONDS))" --data-binary "@$work/value"
    [[ $code == 201 ]] || broke "a PUT is answered $code"
  done
  ((SECONDS < until)) || broke 'it took too long to write the values'
}

takes() {
  code PUT "expire-$round-$1" -d small
  [[ $code == 20[14] ]]
}

swept() { [[ $(curl -s -m 10 "$url/actuator/prometheus" | sed -n 's/^nebula_changes_total{.*kind="expire".*} //p') == "$1" ]]; }

one_round() {
  local i errors stuck=0
  serve
  put_all
  while ((SECONDS < until)); do sleep 0.2; done
  until_true "$patience" swept "$values.0" || broke "not all were swept within $patience s"
  for ((i = 0; i < values; i++)); do
    until_true 3 takes "$i" || stuck=$((stuck + 1))
    ((stuck < 5)) || break
  done
  ((stuck == 0)) || broke "keys that can't be written any more: $stuck, the last answer is $code"
  until_true 5 health_is 200 || broke "health is $(status /actuator/health)"
  [[ $(status /actuator/health/liveness) == 200 ]] || broke "liveness is $(status /actuator/health/liveness)"
  errors=$(grep -c 'OutOfMemoryError: put in' "$log" || true)
  ((errors > 0)) || broke 'no read ended in an Error'
  extra="errors=$errors stuck=$stuck"
  crash
}
