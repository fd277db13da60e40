package dev.nebulastore.storage.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A time before which the index of expiries is known to be empty. A sweep begins there, so that it
 * need not skip the tombstones of earlier sweeps.
 *
 * <p>A reader that has found nothing before some time raises it. Writes may be in flight meanwhile,
 * so it is never raised above the expiries that were written, or about to be, between {@link
 * #begin} and {@link #nothingBefore}.
 *
 * <p>Threads: guarded by its lock.
 */
final class ExpiryLowWatermark {

  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private Instant bound = Instant.EPOCH;

  @GuardedBy("lock")
  private Instant inFlight = Instant.MAX;

  @GuardedBy("lock")
  private Instant writtenSince = Instant.MAX;

  /** Called before a group is written, with the earliest expiry that it writes. */
  void about(Instant expires) {
    lock.lock();
    try {
      inFlight = expires;
      writtenSince = earlier(writtenSince, expires);
      bound = earlier(bound, expires);
    } finally {
      lock.unlock();
    }
  }

  /** Called when the group can be read. If it failed, the next {@link #about} does the same. */
  void done() {
    lock.lock();
    try {
      inFlight = Instant.MAX;
    } finally {
      lock.unlock();
    }
  }

  /** Called by the one reader before it scans; returns where to begin. */
  Instant begin() {
    lock.lock();
    try {
      writtenSince = inFlight;
      return bound;
    } finally {
      lock.unlock();
    }
  }

  /** Called by the reader after its scan, which has found nothing before this time. */
  void nothingBefore(Instant time) {
    lock.lock();
    try {
      bound = earlier(time, writtenSince);
    } finally {
      lock.unlock();
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
