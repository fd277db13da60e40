package dev.nebulastore.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.time.Execution;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the history behind the threads that append to it, and wakes the subscriptions that watch
 * what has changed.
 *
 * <p>Threads: {@link #run} is confined to its own virtual thread; the rest is safe for all.
 */
final class Dispatcher implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** How many changes are dispatched before the lock of the index is released for a moment. */
  private static final int MAX_STEP = 64;

  /**
   * How long it pauses for each subscription it woke, so that the subscribers of a busy key receive
   * several changes at a time, and leave processor time to the writers.
   */
  private static final long PAUSE_NANOS = 20_000;

  private static final long MAX_PAUSE_NANOS = 50_000_000;

  /** How long it pauses after an unexpected error, so that it does not fail in a tight loop. */
  private static final long ERROR_PAUSE_NANOS = 10_000_000;

  /** Up to this many subscriptions are woken without a pause. */
  private static final int FEW = 50;

  private final Execution execution;
  private final ChangeHistory history;
  private final SubscriptionIndex index;
  private final AtomicBoolean parked = new AtomicBoolean();
  private final Thread thread;

  // Written by run alone, after all subscriptions that the changes up to there concern were woken.
  private volatile long position;
  private volatile long skipTo;
  private volatile boolean ended;

  Dispatcher(Execution execution, ChangeHistory history, SubscriptionIndex index) {
    this.execution = execution;
    this.thread = execution.virtualThread("watch-dispatcher", this);
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

  /** No subscription needs to be woken for a change up to this place. */
  void skipTo(long sequence) {
    skipTo = sequence;
  }

  /** The place up to which all subscriptions were woken for each change. */
  long position() {
    return position;
  }

  /** Continues whatever is thrown: otherwise no subscription would ever be woken again. */
  @Override
  public void run() {
    while (!ended) {
      try {
        position = Math.max(position, skipTo);
        if (position < history.head()) {
          pauseAfter(step());
        } else {
          park();
        }
      } catch (Throwable e) {
        recover(e);
      }
    }
  }

  private void recover(Throwable e) {
    try {
      log.error("The dispatcher continues after an error", e);
    } catch (Throwable again) {
      // It continues without a log message.
    }
    execution.parkNanos(this, ERROR_PAUSE_NANOS);
  }

  private void park() {
    parked.set(true);
    if (position >= history.head() && !ended) {
      LockSupport.park(this);
    }
    parked.set(false);
  }

  private void pauseAfter(int woken) {
    if (woken > FEW && !ended) {
      execution.parkNanos(this, Math.min(woken * PAUSE_NANOS, MAX_PAUSE_NANOS));
    }
  }

  /** Returns how many subscriptions it woke. */
  private int step() {
    int woken = 0;
    index.lock.lock();
    try {
      long until = Math.min(history.head(), position + MAX_STEP);
      while (position < until) {
        woken += dispatch(position + 1);
      }
    } catch (Throwable e) {
      // Before anything else that may fail. If this fails, it is repeated from the same place.
      wakeAll(history.head());
      log.error("A change could not be dispatched; all subscriptions are woken", e);
    } finally {
      index.lock.unlock();
    }
    return woken;
  }

  @GuardedBy("index.lock")
  private int dispatch(long sequence) {
    ChangeHistory.Recorded recorded = history.at(sequence);
    if (recorded == null) {
      wakeAll(history.tail());
      return 0;
    }
    int woken = index.wake(recorded.key(), sequence);
    position = sequence;
    return woken;
  }

  /** Instead of dispatching the changes up to this place, which is to be read before the call. */
  @GuardedBy("index.lock")
  private void wakeAll(long until) {
    index.wakeAll(position + 1);
    position = until;
  }
}
