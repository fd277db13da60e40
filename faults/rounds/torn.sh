# After kill -9 the newest write-ahead log is cut at a random place after all acknowledged writes, as after a crash of
# the machine; every second time with zeros instead, as a file system leaves a file for which it stored the new length,
# but not all bytes. The store can be opened, reports how much it dropped, and nothing acknowledged is lost. The bug:
# half of the log is cut off.
source faults/rounds/bytes.inc

: "${rounds:=20}"
cuts=0 told=0

prepare() { serve; }

one_round() {
  local file low=0 high
  tell go "$port"
  between 400 1500
  pause "$chance"
  tell freeze
  file=$(newest_log)
  low=$(size_of "$file")
  pause 300
  crash
  tell halt
  [[ $(newest_log) == "$file" ]] || low=0
  file=$(newest_log)
  high=$(size_of "$file")
  if [[ -n $control ]]; then
    truncate -s $((low / 2)) "$file"
  elif ((high > low + 2)); then
    # Every second time within the last write.
    ((round % 2 == 0 || high - low < 100)) || low=$((high - 99))
    between $((low + 1)) $((high - 1))
    truncate -s "$chance" "$file"
    ((round % 4 < 2)) || truncate -s "$((high + 100000))" "$file"
    cuts=$((cuts + 1))
  fi
  restart_and_check
  ! grep -qiE 'drop.*[0-9]|[0-9].*drop' "$log" || told=$((told + 1))
  extra="cut=$cuts told=$told"
  # A cut exactly between two records drops nothing.
  [[ -n $control ]] || ((round < rounds || told * 10 >= cuts * 8)) \
    || broke "cut $cuts times, but the log said how much was dropped only $told times"
}
