package dev.nebulastore.kv;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one look through a {@link KeyRange} has found, and what of the range is left to look
 * through.
 *
 * @param found in the order of the keys; may be empty though there is more, since a look is bounded
 * @param rest null when all of the range was looked through
 */
public record ScanPage(List<EntryMetadata> found, @Nullable KeyRange rest) {

  /** A look ends when what it has found holds so many bytes of keys and media types. */
  public static final int MAX_HELD = 256 << 10;

  /** Copies the list. */
  public ScanPage {
    found = List.copyOf(found);
  }
}
