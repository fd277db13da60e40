package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What one command leaves behind.
 *
 * @param before what stood under the key, expired or not, with the earlier writes of the shard
 *     reckoned in; null for nothing
 * @param change the last change that the command made to the key
 */
public record Write(@Nullable Entry before, Change change) {

  /** What stands under the key afterwards; null for nothing. */
  public @Nullable Entry after() {
    return change instanceof Change.Put(Entry entry) ? entry : null;
  }
}
