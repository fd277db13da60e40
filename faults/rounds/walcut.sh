# An older file of the write-ahead log is cut exactly between two batches, so that the rest looks complete: the start is
# refused with one line that names the file and the setting that allows it; with that setting, it starts. The bug: a
# RocksDB that does not track its logs recovers the database, and acknowledged writes are lost silently.
source faults/rounds/walgap.inc

one_gap() { truncate -s "$(a_batch_end "$older")" "$older"; }
