# Six clients whose requests need much processor time (faults/Heavy.java), one kind after another, together with two
# that send small requests. These two reach at least a tenth of the operations that they reach alone, with a p99 below
# P99_LIMIT. No worker is replaced, and every client gets responses. Where the heavy clients write everything that they
# send, the disk is shared, and only the p99 counts. The bug: a single carrier, which never serves some of the queues.

: "${rounds:=1}"
kinds=(${KINDS:-txn-bad txn batch-bad batch tree gets keys pages watch problems scrape api})
readonly window=${WINDOW:-2500} p99_limit=${P99_LIMIT:-250000} heap=${HEAP:-179}
bug_shows=broken
one_carrier=()
if [[ -n $control ]]; then
  one_carrier=(-XX:ActiveProcessorCount=1 -Djdk.virtualThreadScheduler.parallelism=1)
  kinds=(gets)
fi

prepare() {
  printf '#!/bin/sh\nshift\nexec %q -Xmx%dm %s "$@"\n' "$java" "$heap" "${one_carrier[*]}" >"$work/java-heavy"
  chmod +x "$work/java-heavy"
  java=$work/java-heavy
  serve
}

figure() { grep -oE "(^| )$1=[0-9]+" <<<"$line" | cut -d= -f2 || echo 0; }

one_round() {
  local kind
  for kind in "${kinds[@]}"; do
    line=$(timeout 120 "$client_java" -Xmx600m -cp "$work/classes" Heavy "$port" "$kind" "$window" no 2>&1) \
      || { broke "$kind could not be brought: $(tail -3 <<<"$line")"; continue; }
    echo "  $kind: $line"
    [[ $kind == @(txn|batch) ]] || (($(figure beside) * 10 >= $(figure alone))) \
      || broke "$kind leaves others too little: $line"
    (($(figure p99) <= p99_limit)) || broke "$kind makes others wait: $line"
    [[ $(figure small-failed) == 0 ]] || broke "small requests fail beside $kind: $line"
    [[ $(figure replaced) == 0 ]] || broke "workers were replaced beside $kind: $line"
    [[ $(figure broken) == 0 ]] || broke "connections broke beside $kind: $line"
  done
  ! grep -q OutOfMemoryError "$log" || broke 'an OutOfMemoryError'
  kill -0 "$pid" 2>/dev/null || broke 'the server is gone'
}
