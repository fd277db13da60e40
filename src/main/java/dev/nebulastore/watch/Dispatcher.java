package dev.nebulastore.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the history behind those who append to it, and wakes who watches what has changed.
 *
 * <p>Threads: {@link #run} is confined to its own virtual thread; the rest is safe for all.
 */
final class Dispatcher implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** How many changes are looked at before those who come and go have their turn. */
  private static final int AT_ONCE = 64;

  /**
   * How long it rests for each whom it woke, so that those who watch the same are told of several
   * changes at a time, and leave something of the processor to those who make them.
   */
  private static final long REST_NANOS = 20_000;

  private static final long MAX_REST_NANOS = 50_000_000;

  /** How long it rests after what was not expected, lest it fail without a pause. */
  private static final long NANOS_AFTER_AN_ERROR = 10_000_000;

  /** So few that they need no rest. */
  private static final int FEW = 50;

  private final ChangeHistory history;
  private final SubscriptionIndex index;
  private final AtomicBoolean parked = new AtomicBoolean();
  private final Thread thread = Thread.ofVirtual().name("watch-dispatcher").unstarted(this);

  // Written by run alone, after all whom the changes up to there concern were woken.
  private volatile long position;
  private volatile long floor;
  private volatile boolean ended;

  Dispatcher(ChangeHistory history, SubscriptionIndex index) {
    this.history = history;
    this.index = index;
  }

  void start() {
    thread.start();
  }

  void end() {
    ended = true;
    LockSupport.unpark(thread);
  }

  /** Has it look at what was appended; wakes at most one thread, and never waits. */
  void signal() {
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Nobody who watches needs to be woken for a change up to this place. */
  void skipTo(long sequence) {
    floor = sequence;
  }

  /** Who watches has been woken for each change up to this place. */
  long position() {
    return position;
  }

  /** Whatever is thrown: who watches would never be woken again. */
  @Override
  public void run() {
    while (!ended) {
      try {
        position = Math.max(position, floor);
        if (position < history.head()) {
          rest(step());
        } else {
          park();
        }
      } catch (Throwable e) {
        goOn(e);
      }
    }
  }

  private void goOn(Throwable e) {
    try {
      log.error("The dispatcher goes on after an error", e);
    } catch (Throwable again) {
      // It goes on without a word.
    }
    LockSupport.parkNanos(this, NANOS_AFTER_AN_ERROR);
  }

  private void park() {
    parked.set(true);
    if (position >= history.head() && !ended) {
      LockSupport.park(this);
    }
    parked.set(false);
  }

  private void rest(int woken) {
    if (woken > FEW && !ended) {
      LockSupport.parkNanos(this, Math.min(woken * REST_NANOS, MAX_REST_NANOS));
    }
  }

  /** Answers how many it woke. */
  private int step() {
    int woken = 0;
    index.lock.lock();
    try {
      long until = Math.min(history.head(), position + AT_ONCE);
      while (position < until) {
        woken += lookAt(position + 1);
      }
    } catch (Throwable e) {
      // Before anything else that may fail; if this does, it is done again from the same place.
      wakeAll(history.head());
      log.error("A change could not be told to those who watch it; all are woken", e);
    } finally {
      index.lock.unlock();
    }
    return woken;
  }

  @GuardedBy("index.lock")
  private int lookAt(long sequence) {
    ChangeHistory.Told told = history.at(sequence);
    if (told == null) {
      wakeAll(history.tail());
      return 0;
    }
    int woken = index.wake(told.key(), sequence);
    position = sequence;
    return woken;
  }

  /** Instead of looking at the changes up to this place, which must be read before anyone wakes. */
  @GuardedBy("index.lock")
  private void wakeAll(long until) {
    index.wakeAll(position + 1);
    position = until;
  }
}
