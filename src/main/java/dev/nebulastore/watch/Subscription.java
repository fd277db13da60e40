package dev.nebulastore.watch;

import dev.nebulastore.kv.Change;
import dev.nebulastore.watch.ChangeHistory.Told;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One who watches: a position in the history, and nothing else. What changed is not queued for it;
 * it reads the history when it is ready to.
 *
 * <p>Design notes (numbers of the invariants that {@link WatchHub} lists). {@code cursor} is the
 * place up to which all is told, {@code end} the one up to which it reads before it looks whether
 * it was woken.
 *
 * <ol>
 *   <li value="3">{@code wakeAt} is the first match that the dispatcher came by since it was last
 *                 taken. It is taken only at {@code cursor == end}, and {@code end} is read from
 *                 the head after that. So each match above {@code end} is dispatched after the
 *                 take, and the first of them is in {@code wakeAt}, or an earlier one is: between
 *                 {@code end} and the place in {@code wakeAt} there is no match, and the cursor may
 *                 jump.
 *   <li value="4">Who finds {@code wakeAt} empty after it has read how far the dispatcher is has no
 *                 match up to there, and may say so: its position does not grow old.
 * </ol>
 *
 * <p>States: reading ──cursor comes to end──▶ idle ──woken──▶ reading; reading ──the history is no
 * longer there, or says that it is uncertain──▶ reset ──▶ idle, at the head; any ──close, or the
 * hub ends──▶ ended.
 *
 * <p>Threads: {@link #next} is for one thread at a time; the rest is safe for all.
 */
public final class Subscription implements AutoCloseable {

  /** What is told to who watches. */
  public sealed interface Event {

    /** The position after it: who goes on from there misses nothing and is told nothing twice. */
    EventId id();

    /** This change was committed. */
    record Changed(EventId id, Change change) implements Event {}

    /**
     * Changes may have been missed. What is read from now on shows them; what comes after is told.
     */
    record Reset(EventId id) implements Event {}

    /** There is nothing that was not told. */
    record Nothing(EventId id) implements Event {}

    /** Nothing more will be told. */
    record Ended(EventId id) implements Event {}
  }

  private static final long NONE = 0;

  private final WatchHub hub;
  private final ChangeHistory history;
  private final WatchTarget interest;
  private final AtomicLong wakeAt = new AtomicLong(NONE);
  private volatile @Nullable Thread waiter;
  private volatile boolean closed;
  private volatile boolean early;

  // Confined to the thread that asks for the next event.
  private long cursor;
  private long end;
  private boolean lost;

  Subscription(WatchHub hub, ChangeHistory history, WatchTarget interest) {
    this.hub = hub;
    this.history = history;
    this.interest = interest;
  }

  /** Fixes the position, when the dispatcher knows of it already. */
  void begin(@Nullable EventId since) {
    end = history.head();
    boolean known = since != null && since.epoch() == hub.epoch() && since.sequence() <= end;
    lost = since != null && !known;
    cursor = known && since != null ? since.sequence() : end;
  }

  long end() {
    return end;
  }

  WatchTarget interest() {
    return interest;
  }

  /** By the dispatcher; false if it was to be woken already. */
  boolean wake(long sequence) {
    boolean first = wakeAt.compareAndSet(NONE, sequence);
    if (first) {
      LockSupport.unpark(waiter);
    }
    return first;
  }

  /** Has it see that it has ended. */
  void rouse() {
    LockSupport.unpark(waiter);
  }

  /** Has {@link #next} return early: the one that waits now, or else the next that would. */
  public void returnEarly() {
    early = true;
    LockSupport.unpark(waiter);
  }

  /**
   * The next event; waits for it until the time is over, or until it is to {@link #returnEarly},
   * and then says that there was nothing. An interrupt ends it.
   */
  public Event next(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!isEnded()) {
      Event event = read();
      if (event != null) {
        return event;
      }
      long dispatched = hub.dispatched();
      long woken = wakeAt.getAndSet(NONE);
      if (woken != NONE) {
        cursor = Math.max(cursor, woken - 1);
        end = history.head();
      } else {
        cursor = Math.max(cursor, dispatched);
        end = cursor;
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return new Event.Nothing(position());
        }
        if (early) {
          early = false;
          return new Event.Nothing(position());
        }
        park(left);
      }
    }
    return new Event.Ended(position());
  }

  private boolean isEnded() {
    return closed || hub.isEnded() || Thread.currentThread().isInterrupted();
  }

  private void park(long nanos) {
    waiter = Thread.currentThread();
    if (wakeAt.get() == NONE && !early && !isEnded()) {
      LockSupport.parkNanos(this, nanos);
    }
    waiter = null;
  }

  /** The next event up to the end, or null. */
  private @Nullable Event read() {
    if (lost) {
      return reset();
    }
    while (cursor < end) {
      Told told = history.at(cursor + 1);
      if (told == null) {
        return reset();
      }
      cursor++;
      if (interest.matches(told.key())) {
        Change change = told.change();
        if (change == null) {
          return reset();
        }
        hub.countEvent();
        return new Event.Changed(position(), change);
      }
    }
    return null;
  }

  private Event reset() {
    lost = false;
    wakeAt.set(NONE);
    end = history.head();
    cursor = end;
    hub.countReset();
    return new Event.Reset(position());
  }

  private EventId position() {
    return new EventId(hub.epoch(), cursor);
  }

  /** Gives its place free, and ends it. */
  @Override
  public void close() {
    closed = true;
    hub.remove(this);
    rouse();
  }
}
