package dev.nebulastore.watch;

import dev.nebulastore.kv.Change;
import dev.nebulastore.time.Execution;
import dev.nebulastore.watch.ChangeHistory.Recorded;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A subscription is a position in the history, and nothing else. Changes are not queued for it; it
 * reads the history when its client is ready for more.
 *
 * <p>Design notes (numbers of the invariants that {@link WatchHub} lists). {@code cursor} is the
 * position up to which everything was reported, {@code end} the position up to which it reads
 * before it checks whether it was woken.
 *
 * <ol>
 *   <li value="3">{@code wakeAt} is the first match that the dispatcher found since it was last
 *                 taken. It is taken only when {@code cursor == end}, and {@code end} is read from
 *                 the head after that. So each match after {@code end} is dispatched after the
 *                 take, and {@code wakeAt} has the first of them, or an earlier one: there is no
 *                 match between {@code end} and the place in {@code wakeAt}, and the cursor may
 *                 jump.
 *   <li value="4">If {@code wakeAt} is empty after the position of the dispatcher was read, there
 *                 is no match up to that position. The subscription advances to it, so its own
 *                 position does not become outdated.
 * </ol>
 *
 * <p>States: reading ──cursor reaches end──▶ idle ──woken──▶ reading; reading ──the next change is
 * no longer kept, or is uncertain──▶ reset ──▶ idle, at the head; any ──close, or the hub ends──▶
 * ended.
 *
 * <p>Threads: {@link #next} is for one thread at a time; the rest is safe for all.
 */
public final class Subscription implements AutoCloseable {

  /** An event of a subscription. */
  public sealed interface Event {

    /**
     * The position after it: a client that resumes there misses nothing, and gets nothing twice.
     */
    EventId id();

    /** This change was committed. */
    record Changed(EventId id, Change change) implements Event {}

    /**
     * Changes may have been missed. Reads show them from now on; later changes follow as events.
     */
    record Reset(EventId id) implements Event {}

    /** There was no change in the time that was given. */
    record Nothing(EventId id) implements Event {}

    /** The subscription has ended. */
    record Ended(EventId id) implements Event {}
  }

  /** What subscriptions share; {@link WatchHub} has it. */
  interface Host {

    /** The epoch of the history. */
    long epoch();

    /** The position up to which all subscribers were woken for what they watch. */
    long dispatched();

    /** Whether all subscriptions have ended. */
    boolean isEnded();

    /** Counts an event that was recorded. */
    void countEvent();

    /** Counts a reset that was recorded. */
    void countReset();

    /** Takes a subscription that was closed out of the index. */
    void remove(Subscription subscription);
  }

  private static final long NONE = 0;

  private final Execution execution;
  private final Host host;
  private final ChangeHistory history;
  private final WatchTarget target;
  private final AtomicLong wakeAt = new AtomicLong(NONE);
  private volatile @Nullable Thread waiter;
  private volatile boolean closed;
  private volatile boolean early;

  // Confined to the thread that asks for the next event.
  private long cursor;
  private long end;
  private boolean lost;

  Subscription(Execution execution, Host host, ChangeHistory history, WatchTarget target) {
    this.execution = execution;
    this.host = host;
    this.history = history;
    this.target = target;
  }

  /** Sets the first position, after the subscription was added to the index. */
  void begin(@Nullable EventId since) {
    end = history.head();
    boolean known = since != null && since.epoch() == host.epoch() && since.sequence() <= end;
    lost = since != null && !known;
    cursor = known && since != null ? since.sequence() : end;
  }

  long end() {
    return end;
  }

  WatchTarget target() {
    return target;
  }

  /** By the dispatcher; false if it was woken already. */
  boolean wake(long sequence) {
    boolean first = wakeAt.compareAndSet(NONE, sequence);
    if (first) {
      LockSupport.unpark(waiter);
    }
    return first;
  }

  /** Has it notice that the hub has ended. */
  void unpark() {
    LockSupport.unpark(waiter);
  }

  /** Has {@link #next} return early: the call that waits now, or else the next one that would. */
  public void returnEarly() {
    early = true;
    LockSupport.unpark(waiter);
  }

  /**
   * Waits for the next event. Returns {@link Event.Nothing} when the time is over, or after {@link
   * #returnEarly}, and {@link Event.Ended} after an interrupt.
   */
  public Event next(Duration atMost) {
    long deadline = execution.nanoTime() + atMost.toNanos();
    while (!isEnded()) {
      Event event = read();
      if (event != null) {
        return event;
      }
      long dispatched = host.dispatched();
      long woken = wakeAt.getAndSet(NONE);
      if (woken != NONE) {
        cursor = Math.max(cursor, woken - 1);
        end = history.head();
      } else {
        cursor = Math.max(cursor, dispatched);
        end = cursor;
        long left = deadline - execution.nanoTime();
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
    return closed || host.isEnded() || Thread.currentThread().isInterrupted();
  }

  private void park(long nanos) {
    waiter = Thread.currentThread();
    if (wakeAt.get() == NONE && !early && !isEnded()) {
      execution.parkNanos(this, nanos);
    }
    waiter = null;
  }

  /** The next event up to {@code end}, or null. */
  private @Nullable Event read() {
    if (lost) {
      return reset();
    }
    while (cursor < end) {
      Recorded recorded = history.at(cursor + 1);
      if (recorded == null) {
        return reset();
      }
      cursor++;
      if (target.matches(recorded.key())) {
        Change change = recorded.change();
        if (change == null) {
          return reset();
        }
        if (!target.includes(change.kind())) {
          continue;
        }
        host.countEvent();
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
    host.countReset();
    return new Event.Reset(position());
  }

  private EventId position() {
    return new EventId(host.epoch(), cursor);
  }

  /** Ends the subscription, and gives its place back to the hub. */
  @Override
  public void close() {
    closed = true;
    host.remove(this);
    unpark();
  }
}
