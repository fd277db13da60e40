# 1,000 connections of HTTP/2 with 100 streams each, which send one byte of a body without an end. Clients of HTTP/1.1 are
# served as before. The bug: the number of streams has no effective limit.

: "${connections:=${CONNECTIONS:-1000}}"
bug=(--nebula.limits.streams=1000000)
source faults/rounds/load.inc

one_round() {
  under streams
  ! grep -q OutOfMemoryError "$log" || broke 'an OutOfMemoryError'
}
