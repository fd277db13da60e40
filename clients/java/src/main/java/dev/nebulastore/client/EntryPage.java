package dev.nebulastore.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a listing with values.
 *
 * @param entries the entries, in the order of the bytes of their keys; there may be fewer than
 *     asked for although there is a cursor
 * @param prefixes common prefixes up to the delimiter, each in place of the keys that share it
 * @param cursor the start of the next page; null on the last one. Opaque, and valid only with the
 *     same prefix and delimiter
 */
public record EntryPage(List<ListedEntry> entries, List<String> prefixes, @Nullable String cursor) {

  /** Copies the lists. */
  public EntryPage {
    entries = List.copyOf(entries);
    prefixes = List.copyOf(prefixes);
  }
}
