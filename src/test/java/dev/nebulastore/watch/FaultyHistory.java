package dev.nebulastore.watch;

import dev.nebulastore.storage.Thrown;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A history that can't be read by the dispatcher when a test says so.
 *
 * <p>Threads: safe for all.
 */
final class FaultyHistory extends ChangeHistory {

  private final AtomicInteger failures = new AtomicInteger();
  private volatile Thrown what = Thrown.BUG;

  FaultyHistory(int maxChanges, long maxSize) {
    super(maxChanges, maxSize);
  }

  /** Throws this the next times that the dispatcher looks at a change, or for the newest. */
  void throwToDispatcher(Thrown thrown, int times) {
    what = thrown;
    failures.set(times);
  }

  /** How often it is still to throw. */
  int failures() {
    return failures.get();
  }

  private void throwToDispatcher() {
    boolean dispatcher = Thread.currentThread().getName().equals("watch-dispatcher");
    if (dispatcher && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      what.now();
    }
  }

  @Override
  @Nullable Recorded at(long sequence) {
    throwToDispatcher();
    return super.at(sequence);
  }

  @Override
  long head() {
    throwToDispatcher();
    return super.head();
  }
}
