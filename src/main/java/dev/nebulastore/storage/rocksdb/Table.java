package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import org.rocksdb.LiveFileMetaData;

/**
 * What is known of a table file without reading it.
 *
 * @param level 0 for those that may overlap each other
 * @param entries puts and deletes
 * @param deletes how many of the entries are deletes
 * @param from the first key
 * @param to the last key, included
 */
@SuppressWarnings("ArrayRecordComponent")
record Table(
    String name, int level, long bytes, long entries, long deletes, byte[] from, byte[] to) {

  static Table of(LiveFileMetaData file) {
    return new Table(
        file.fileName(),
        file.level(),
        file.size(),
        file.numEntries(),
        file.numDeletions(),
        file.smallestKey(),
        file.largestKey());
  }

  long puts() {
    return entries - deletes;
  }

  boolean overlaps(byte[] first, byte[] last) {
    return Arrays.compareUnsigned(from, last) <= 0 && Arrays.compareUnsigned(first, to) <= 0;
  }
}
