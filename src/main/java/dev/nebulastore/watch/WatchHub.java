package dev.nebulastore.watch;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.KvException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the changes of all shards into one history, and lets any number of subscriptions read it.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Who commits waits for no one who watches: it appends to the history under a lock that only
 *       appenders take, and wakes at most one thread, the dispatcher's, whatever the number of
 *       subscriptions. If nobody watches, it wakes none.
 *   <li>The history is the only queue, and it is bounded. Who falls behind its tail is told that it
 *       did ({@code Reset}); nothing is skipped in silence.
 *   <li>Who is idle is woken for what it watches and for nothing else, and goes on at the change
 *       that it was woken for: others' changes never overrun it.
 *   <li>A position is never older than the last time that somebody asked for it.
 *   <li>If the dispatcher itself is overrun, or fails on a change, it wakes everybody: who has lost
 *       something sees it for itself.
 *   <li>A subscription is in the index before its position is read from the head. So what is
 *       appended after that is dispatched to it; what was told before can be read by a look-up that
 *       begins after {@link #open} returned.
 *   <li>A change that can't be appended, as for want of memory, empties the history: whoever
 *       watches is told that it missed something, also if it was not about what it watches. No
 *       failure here costs who commits an answer.
 * </ol>
 *
 * <p>Threads: safe for all. {@link #committed} and {@link #uncertain} neither wait nor throw.
 */
public final class WatchHub implements ChangeListener {

  private static final Logger log = LoggerFactory.getLogger(WatchHub.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final ChangeHistory history;
  private final SubscriptionIndex index = new SubscriptionIndex();
  private final Dispatcher dispatcher;
  private final int maxSubscribers;
  private final long epoch;
  private final LongAdder events = new LongAdder();
  private final LongAdder resets = new LongAdder();
  // Written under the index's lock.
  private volatile int subscribers;
  private volatile boolean ended;

  WatchHub(ChangeHistory history, int maxSubscribers, long epoch) {
    this.history = history;
    this.dispatcher = new Dispatcher(history, index);
    this.maxSubscribers = maxSubscribers;
    this.epoch = epoch;
  }

  void start() {
    dispatcher.start();
  }

  /** Ends all subscriptions, those to come included. */
  void end() {
    ended = true;
    dispatcher.end();
    index.lock.lock();
    try {
      index.rouseAll();
    } finally {
      index.lock.unlock();
    }
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    append(changes, true);
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {
    append(changes, false);
  }

  private void append(List<Change> changes, boolean certain) {
    try {
      history.append(changes, certain);
    } catch (Throwable e) {
      logQuietly(e);
    } finally {
      wakeDispatcher();
    }
  }

  private static void logQuietly(Throwable e) {
    try {
      log.error(
          "A change did not get into the history; all who watch are told that they missed one", e);
    } catch (Throwable again) {
      // They are told all the same.
    }
  }

  /** Who opens a subscription after this has looked reads a head that has the changes in it. */
  private void wakeDispatcher() {
    if (subscribers > 0) {
      dispatcher.signal();
    }
  }

  /**
   * Begins to watch. What was not told before this method was called will be told by the
   * subscription; what was told can be read from now on.
   *
   * @param since where to go on, or null for the changes from now on; if the history does not reach
   *     back to there, or is another one, the first event is a reset
   * @throws KvException.TooManyWatchers if the limit is reached
   */
  public Subscription open(WatchTarget interest, @Nullable EventId since) {
    Subscription subscription = new Subscription(this, history, interest);
    index.lock.lock();
    try {
      int before = index.size();
      if (before >= maxSubscribers) {
        throw new KvException.TooManyWatchers(maxSubscribers, RETRY_AFTER);
      }
      try {
        index.add(subscription);
        subscribers = before + 1;
        subscription.begin(since);
        if (before == 0) {
          dispatcher.skipTo(subscription.end());
        }
      } catch (Throwable e) {
        // Nobody would ever give its place free.
        index.remove(subscription);
        subscribers = before;
        throw e;
      }
    } finally {
      index.lock.unlock();
    }
    return subscription;
  }

  void remove(Subscription subscription) {
    index.lock.lock();
    try {
      index.remove(subscription);
      subscribers = index.size();
    } finally {
      index.lock.unlock();
    }
  }

  SubscriptionIndex index() {
    return index;
  }

  long epoch() {
    return epoch;
  }

  long dispatched() {
    return dispatcher.position();
  }

  boolean isEnded() {
    return ended;
  }

  void countEvent() {
    events.increment();
  }

  void countReset() {
    resets.increment();
  }

  /** How many watch. */
  public int subscribers() {
    return subscribers;
  }

  /** How many changes were told, to all who watch. */
  public long events() {
    return events.sum();
  }

  /** How often somebody was told that changes may have been missed. */
  public long resets() {
    return resets.sum();
  }

  /** How many changes the history holds. */
  public long historyChanges() {
    // In this order, lest a tail that has moved on passes the head.
    long tail = history.tail();
    return history.head() - tail;
  }

  /** What they take, in bytes. */
  public long historySize() {
    return history.size();
  }
}
