# One byte in the middle of the write-ahead log is flipped: the start is refused with one line that names the file and
# the setting that allows it. With that setting, it starts. The control finds what is lost then.
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
  # Entries that were written late are less likely to have been overwritten since.
  [[ -z $control ]] || between $((size - 60000)) $((size - 20000))
  # At the end of a block of the log there may be padding, which has no meaning.
  ((chance % 32768 < 32700)) || chance=$((chance - 200))
  flip "$file" "$chance"
  server_options
  timeout 60 "$java" -Xmx128m -jar "$jar" --server.address=127.0.0.1 --server.port=0 \
    --nebula.storage.directory="$directory" "${options[@]}" \
    >"$log" 2>&1 || code=$?
  [[ $code == 1 ]] || broke "exit code $code after byte $chance of $(basename "$file") was flipped"
  [[ $(wc -l <"$log") == 1 ]] || broke "the log has $(wc -l <"$log") lines instead of one"
  grep -F "$(basename "$file")" "$log" | grep -qF 'nebula.storage.rocksdb.salvage=true' \
    || broke "no word of $(basename "$file") and nebula.storage.rocksdb.salvage=true: $(head -1 "$log")"
  tell mark
  serve --nebula.storage.rocksdb.salvage=true
  check
  salvaged=$((salvaged + breaches)) extra="salvage-lost=$salvaged"
  # What the salvage loses is expected and no violation; in the control it must be found.
  [[ -n $control ]] || tell forgive
  crash
  serve
  tell fresh
}
