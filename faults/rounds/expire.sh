# 300 values of 1 MB expire together, with a heap that holds few of them at a time: all are swept, each key can be
# written anew, and health is UP in the end. The bug: a thread that reads answers RocksDB's own exceptions alone, so
# that after an OutOfMemoryError nobody is answered.

: "${rounds:=1}"
: "${values:=${VALUES:-300}}"
: "${heap:=${HEAP:-160}}"
bug_shows=broken

prepare() {
  [[ -z $control ]] || with_the_bug
  # The first argument is that of .ci/server.sh.
  printf '#!/bin/sh\nshift\nexec %q -Xmx%dm "$@"\n' "$java" "$heap" >"$work/java-expire"
  chmod +x "$work/java-expire"
  java=$work/java-expire
  head -c 1000000 /dev/urandom >"$work/value"
  settings+=(--nebula.expiry.interval=2s)
}

# with_the_bug: the server as it is, but for one class; another jar has no AOT cache.
with_the_bug() {
  local app=$work/bug source=src/main/java/dev/nebulastore/storage/rocksdb/Readers.java
  cp -r target/faults "$app"
  rm -f "$app/app.aot"
  mkdir "$work/source" "$work/bugged"
  sed 's/^      } catch (Throwable e) {/      } catch (RocksDBException e) {/' "$source" >"$work/source/Readers.java"
  ! cmp -s "$source" "$work/source/Readers.java" || fail 'the bug can not be put in: Readers.java has changed'
  "${client_java%java}javac" -nowarn -proc:none -cp "$app/app.jar:$app/lib/*" -d "$work/bugged" "$work/source/Readers.java" \
    2>"$log" || fail 'the bug does not compile'
  "${client_java%java}jar" --update --file "$app/app.jar" -C "$work/bugged" . || fail 'the bug can not be packed'
  jar=$app/app.jar
  java=$client_java
}

# code METHOD KEY [ARG...]: sets code to the status of the answer.
code() { code=$(curl -s -o /dev/null -m 10 -w '%{http_code}' -X "$1" "${@:3}" "$url/kv/$2" || true); }

# All of them expire within the second that ends at $until.
put_all() {
  local i
  until=$((SECONDS + 5 + values / 10))
  for ((i = 0; i < values; i++)); do
    code PUT "expire-$round-$i?ttl=$((until - SECONDS))" --data-binary "@$work/value"
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
  local i stuck=0
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
  extra="out-of-memory=$(grep -c OutOfMemoryError "$log" || true) stuck=$stuck"
  crash
}
