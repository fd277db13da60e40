package dev.nebulastore.client;

import static java.util.Objects.requireNonNull;

/**
 * An entry of a listing with values.
 *
 * @param key the key
 * @param entry its entry; the time at which it was written is exact to the millisecond
 */
public record ListedEntry(String key, Entry entry) {

  /** Requires both. */
  public ListedEntry {
    requireNonNull(key);
    requireNonNull(entry);
  }
}
