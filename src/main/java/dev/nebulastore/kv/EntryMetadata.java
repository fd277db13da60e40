package dev.nebulastore.kv;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a listing tells of an entry: all but the value.
 *
 * @param size of the value, in bytes
 * @param modified when the write that made this version was decided, in whole milliseconds
 * @param expires the instant from which the entry is absent, or null if it stays
 */
public record EntryMetadata(
    Key key,
    Revision revision,
    long size,
    String contentType,
    Instant modified,
    @Nullable Instant expires) {

  /** How many bytes its key and its media type have. */
  public int textBytes() {
    return key.utf8().length + contentType.length();
  }

  /** The summary of an entry. */
  public static EntryMetadata of(Entry entry) {
    return new EntryMetadata(
        entry.key(),
        entry.revision(),
        entry.value().size(),
        entry.value().contentType(),
        entry.modified(),
        entry.expires());
  }
}
