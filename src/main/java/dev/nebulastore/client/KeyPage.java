package dev.nebulastore.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a listing.
 *
 * @param keys the keys, in the order of their bytes
 * @param prefixes what stands for the keys that share it up to a delimiter
 * @param cursor where the next page begins; null on the last one. Opaque, and good only with the
 *     same prefix and delimiter
 */
public record KeyPage(List<ListedKey> keys, List<String> prefixes, @Nullable String cursor) {

  /** Copies the lists. */
  public KeyPage {
    keys = List.copyOf(keys);
    prefixes = List.copyOf(prefixes);
  }
}
