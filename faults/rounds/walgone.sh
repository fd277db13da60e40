# An older file of the write-ahead log is removed. All else is as in walcut.
source faults/rounds/walgap.inc

one_gap() { rm "$older"; }
