package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What one command leaves behind.
 *
 * @param before what stood under the key, expired or not, with the earlier writes of the shard
 *     reckoned in; null for nothing. A large value is not kept in it: whoever reads what was before
 *     can have it from the database
 * @param change the last change that the command made to the key
 */
public record Write(@Nullable Entry before, Change change) {

  /** Lets go of what was replaced, but for what is about it. */
  public Write {
    before = before == null ? null : before.withoutLargeValue();
  }

  /** What stands under the key afterwards; null for nothing. */
  public @Nullable Entry after() {
    return change instanceof Change.Put(Entry entry) ? entry : null;
  }
}
