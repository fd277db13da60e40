package dev.nebulastore.kv;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key with its value, as one write left it.
 *
 * @param revision the version of this entry
 * @param modified when that write was decided, in whole milliseconds
 * @param expires the instant from which the entry is absent, or null if it stays
 */
public record Entry(
    Key key, Value value, Revision revision, Instant modified, @Nullable Instant expires) {

  /** Whether this entry is absent at the given time. */
  public boolean expiredAt(Instant now) {
    return expires != null && !now.isBefore(expires);
  }

  /**
   * This entry with its value unread, if that is large: for whoever needs only what is about it.
   */
  public Entry withoutLargeValue() {
    return value.size() <= ContentBudget.SMALL || !value.isRead()
        ? this
        : new Entry(
            key, Value.unread(value.size(), value.contentType()), revision, modified, expires);
  }
}
