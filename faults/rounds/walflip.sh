# One byte in the middle of the write-ahead log is flipped: the start is refused with one line that
# names the file and the way out. With that, it starts. The control finds what that way out loses.
source faults/rounds/bytes.inc

: "${rounds:=20}"
salvaged=0

prepare() { serve; }

one_round() {
  local file size code=0 options
  tell go "$port"
  between 800 1600
  pause "$chance"
  crash
  tell halt
  file=$(newest_log)
  size=$(size_of "$file")
  between $((size / 4)) $((size * 3 / 4))
  # Of what was written late, less was written again since.
  [[ -z $control ]] || between $((size - 60000)) $((size - 20000))
  # Where a block of the log ends there may be padding, which is nobody's.
  ((chance % 32768 < 32700)) || chance=$((chance - 200))
  flip "$file" "$chance"
  server_options
  timeout 60 "$java" -Xmx128m -jar "$jar" --server.address=127.0.0.1 --server.port=0 \
    --nebula.storage.directory="$directory" "${options[@]}" \
    >"$log" 2>&1 || code=$?
  [[ $code == 1 ]] || broke "exit code $code after byte $chance of $(basename "$file") was flipped"
  [[ $(wc -l <"$log") == 1 ]] || broke "it tells $(wc -l <"$log") lines"
  grep -F "$(basename "$file")" "$log" | grep -qF 'nebula.storage.rocksdb.salvage=true' \
    || broke "no word of $(basename "$file") and nebula.storage.rocksdb.salvage=true: $(head -1 "$log")"
  tell mark
  serve --nebula.storage.rocksdb.salvage=true
  check
  salvaged=$((salvaged + breaches)) extra="salvage-lost=$salvaged"
  # What the salvage loses is its price and not a breach; in the control it is what must be found.
  [[ -n $control ]] || tell forgive
  crash
  serve
  tell fresh
}
