package dev.nebulastore.storage;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.KvException.ShardFailure;
import org.jspecify.annotations.Nullable;

/** What a look-up of a key found. */
public sealed interface Lookup {

  /** There is nothing under the key. */
  Lookup NOTHING = new Known(null);

  /**
   * What stands under the key, expired or not.
   *
   * @param entry null for nothing
   */
  record Known(@Nullable Entry entry) implements Lookup {}

  /** It can't be told without waiting for a disk: {@link ShardStore#fetch} does. */
  enum OnDisk implements Lookup {
    /** The only one. */
    INSTANCE
  }

  /** It can't be read. */
  record Failed(ShardFailure failure) implements Lookup {}
}
