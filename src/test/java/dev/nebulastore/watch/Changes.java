package dev.nebulastore.watch;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Creates changes for tests. */
final class Changes {

  private static final Instant WHEN = Instant.parse("2033-03-06T09:08:07.654Z");

  private Changes() {}

  /** A write of a value of this size, without a media type. */
  static Change put(String key, long revision, int size) {
    return new Change.Put(
        new Entry(Key.of(key), new Value(new byte[size], ""), new Revision(revision), WHEN, null));
  }

  static Change put(String key, long revision) {
    return put(key, revision, 0);
  }

  static Change delete(String key, long revision) {
    return new Change.Delete(Key.of(key), new Revision(revision), WHEN);
  }

  /** This number of writes of one key, with revisions from 1. */
  static List<Change> puts(String key, int count) {
    List<Change> changes = new ArrayList<>();
    for (int revision = 1; revision <= count; revision++) {
      changes.add(put(key, revision));
    }
    return changes;
  }
}
