package dev.nebulastore.api.watch;

import dev.nebulastore.watch.EventId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Caches the texts of the last events, so that each is made once for all watchers. It takes at most
 * 1 MB.
 *
 * <p>Threads: safe for all.
 */
final class RecentEvents {

  private static final int EVENTS = 128;
  private static final int MAX_SIZE = 4_096;

  @SuppressWarnings("ArrayRecordComponent")
  private record Text(EventId id, Duration ahead, byte[] bytes) {}

  private final AtomicReferenceArray<@Nullable Text> texts = new AtomicReferenceArray<>(2 * EVENTS);

  /**
   * The text of an event.
   *
   * @param values whether the text includes the value
   * @param ahead how far store time is ahead of the system's
   * @param make makes the text
   */
  byte[] of(EventId id, boolean values, Duration ahead, Supplier<byte[]> make) {
    int slot = 2 * (int) (id.sequence() % EVENTS) + (values ? 1 : 0);
    Text text = texts.get(slot);
    if (text != null && text.id().equals(id) && text.ahead().equals(ahead)) {
      return text.bytes();
    }
    byte[] made = make.get();
    if (made.length <= MAX_SIZE) {
      texts.set(slot, new Text(id, ahead, made));
    }
    return made;
  }
}
