# An older file of the write-ahead log is cut exactly between two batches, so that what is left of it is whole in itself:
# the start is refused with one line that names the file and the way out; with that, it starts. The bug: a RocksDB that
# does not track its logs recovers the database, and what was acknowledged is lost in silence.
source faults/rounds/walgap.inc

one_gap() { truncate -s "$(a_batch_end "$older")" "$older"; }
