# Eight times as many connections as the limit are silent, before a request, in the middle of a head or after a
# response, and are opened again when they are closed: established and new clients are served as before. The control:
# long polls use all connections, which must not be closed, so that new clients are shut out.

: "${connections:=${CONNECTIONS:-3000}}"
bug=()
source faults/rounds/load.inc
settings+=(--nebula.limits.connections=$((connections / 8)))

one_round() {
  under "$([[ -n $control ]] && echo served || echo silent)"
  [[ -n $control ]] || (($(figure evicted) >= connections / 2)) || broke "the limit was not reached: $line"
  none_of 503 new-failed reads-failed
  # A connection of the crowd may be slow to send its request, so that it is closed just before.
  (($(figure dropped) * 100 <= $(figure 404))) || broke "requests are dropped: $line"
}
