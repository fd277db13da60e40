# One byte in the data of a table on disk is flipped: every read returns the correct bytes, or 500 corrupt, and the
# server continues, counts it and accepts new keys. A compaction that reads the damage may cause writes to be refused
# once, for a second or two. The bug: bytes are changed without the journal.
source faults/rounds/bytes.inc

: "${rounds:=20}"
bug_shows=wrong
hits=0 may_be_corrupt=yes

prepare() { serve; }

metric() { curl -s -m 10 "$url/actuator/prometheus" | sed -n 's/^nebula_storage_corrupt[a-z_]*\({[^}]*}\)\? //p' | head -1; }

takes() { [[ $(curl -s -o /dev/null -m 10 -w '%{http_code}' -X PUT -d x "$url/kv/$1") == 20[14] ]]; }

one_round() {
  local file corrupt refused=0 i
  tell go "$port"
  between 800 1600
  pause "$chance"
  crash
  tell halt
  # The start writes the log into tables.
  serve
  crash
  file=$(largest_table)
  [[ -n $file ]] || fail 'there is no table on disk'
  between $(($(size_of "$file") / 20)) $(($(size_of "$file") / 2))
  flip "$file" "$chance"
  serve
  [[ -z $control ]] || tell plant "$port" 12
  tell mark
  check
  tell counts
  corrupt=$(count read-corrupt)
  ((corrupt == 0)) || hits=$((hits + 1))
  extra="rounds-with-corrupt-reads=$hits"
  [[ $(counted 'read-(5..|broken|unsent)') == 0 ]] || broke "a read failed otherwise: $answer"
  [[ $corrupt == 0 || $(metric) =~ ^[1-9] ]] || broke "the metric says '$(metric)' after $corrupt corrupt reads"
  until_true 5 takes "alive-$round" || broke 'a new key is not taken'
  for i in {1..40}; do
    pause 100
    takes "alive-$round-$i" || refused=$((refused + 1))
  done
  ((refused < 20)) || broke "$refused of 40 new keys are not taken"
  [[ $(status /actuator/health/liveness) == 200 ]] || broke "liveness is $(status /actuator/health/liveness)"
  [[ -n $control ]] || ((round < rounds || hits * 2 >= rounds)) || broke "only $hits of $rounds flips were met by a read"
  crash
  rm -rf "$directory"
  serve
  tell fresh
}
