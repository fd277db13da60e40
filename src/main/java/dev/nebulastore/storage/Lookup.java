package dev.nebulastore.storage;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.KvException.ShardFailure;
import org.jspecify.annotations.Nullable;

/** What a look-up of a key found. */
public sealed interface Lookup {

  /** There is nothing under the key. */
  Lookup NOTHING = new Known(null);

  /**
   * The entry under the key, expired or not.
   *
   * @param entry null if there is none
   */
  record Known(@Nullable Entry entry) implements Lookup {}

  /** The answer needs a read from the disk: see {@link ShardStore#fetch}. */
  enum OnDisk implements Lookup {
    /** The only one. */
    INSTANCE
  }

  /** The entry can't be read. */
  record Failed(ShardFailure failure) implements Lookup {}
}
