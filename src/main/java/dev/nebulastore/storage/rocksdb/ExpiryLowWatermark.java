package dev.nebulastore.storage.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A time before which the index of expiries is known to be empty, so that a sweep need not step
 * over the remains of all that was swept before it.
 *
 * <p>It is raised by a reader who has seen that there is nothing before some time; since a write
 * may be under way meanwhile, it is never raised above what was about to be written from before the
 * reader looked until it says what it saw.
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

  /** By the writer, before it writes; the soonest of the expiries that it is about to write. */
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

  /** By the writer, when that can be read; also if it failed, at the next {@link #about}. */
  void done() {
    lock.lock();
    try {
      inFlight = Instant.MAX;
    } finally {
      lock.unlock();
    }
  }

  /** By the one reader, before it looks: where it may begin. */
  Instant begin() {
    lock.lock();
    try {
      writtenSince = inFlight;
      return bound;
    } finally {
      lock.unlock();
    }
  }

  /** By the reader: there was nothing before this time when it looked. */
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
