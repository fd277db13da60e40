package dev.nebulastore.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a listing.
 *
 * @param keys the keys, in the order of their bytes
 * @param prefixes common prefixes up to the delimiter, each in place of the keys that share it
 * @param cursor the start of the next page; null on the last one. Opaque, and valid only with the
 *     same prefix and delimiter
 */
public record KeyPage(List<ListedKey> keys, List<String> prefixes, @Nullable String cursor) {

  /** Copies the lists. */
  public KeyPage {
    keys = List.copyOf(keys);
    prefixes = List.copyOf(prefixes);
  }
}
