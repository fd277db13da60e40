package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import org.jspecify.annotations.Nullable;

/**
 * The write of one command.
 *
 * @param before the entry under the key before, expired or not, earlier writes of the shard
 *     included; null if there was none. A large value is not kept in it, as it can be read from the
 *     database
 * @param change the last change that the command made to the key
 */
public record Write(@Nullable Entry before, Change change) {

  /** Keeps the metadata of a large value only. */
  public Write {
    before = before == null ? null : before.withoutLargeValue();
  }

  /** The entry under the key afterwards; null if there is none. */
  public @Nullable Entry after() {
    return change.entry();
  }
}
