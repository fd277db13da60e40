package dev.nebulastore.watch;

import dev.nebulastore.storage.Thrown;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A history that fails when the dispatcher reads it, if a test says so.
 *
 * <p>Threads: thread-safe.
 */
final class FaultyHistory extends ChangeHistory {

  private final AtomicInteger failures = new AtomicInteger();
  private volatile Thrown what = Thrown.BUG;

  FaultyHistory(int maxChanges, long maxSize) {
    super(maxChanges, maxSize);
  }

  /** Throws this the next times that the dispatcher reads a change or the newest position. */
  void throwToDispatcher(Thrown thrown, int times) {
    what = thrown;
    failures.set(times);
  }

  /** The number of failures that are still to come. */
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
