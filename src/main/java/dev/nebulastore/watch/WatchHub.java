package dev.nebulastore.watch;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the changes of all shards to one history, which any number of subscriptions read.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Writers never wait for subscribers: a writer appends to the history under a lock that only
 *       writers take, and wakes at most one thread, the dispatcher's, whatever the number of
 *       subscriptions. Without subscriptions it wakes none.
 *   <li>The history is the only queue, and it is bounded. A subscription that falls behind its tail
 *       gets a {@code Reset}; no change is skipped silently.
 *   <li>An idle subscription is woken only for what it watches, and continues at the change that it
 *       was woken for: changes of other keys never overrun it.
 *   <li>A position is never older than the last time it was asked for.
 *   <li>If the dispatcher itself is overrun, or fails on a change, it wakes all subscriptions: each
 *       finds out whether it missed a change.
 *   <li>A subscription is in the index before its position is read from the head. So changes that
 *       are appended later are dispatched to it, and earlier ones are seen by any read that begins
 *       after {@link #open} returned.
 *   <li>A change that can't be appended, for example because memory is exhausted, empties the
 *       history: all subscriptions get a reset, whatever they watch. No failure here fails a write.
 * </ol>
 *
 * <p>Threads: safe for all. {@link #committed} and {@link #uncertain} neither wait nor throw.
 */
public final class WatchHub implements ChangeListener {

  private static final Logger log = LoggerFactory.getLogger(WatchHub.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Execution execution;
  private final ChangeHistory history;
  private final SubscriptionIndex index = new SubscriptionIndex();
  private final Dispatcher dispatcher;
  private final Subscription.Host host = new Host();
  private final int maxSubscribers;
  private final long epoch;
  private final LongAdder events = new LongAdder();
  private final LongAdder resets = new LongAdder();
  // Written under the index's lock.
  private volatile int subscribers;
  private volatile boolean ended;

  WatchHub(Execution execution, ChangeHistory history, int maxSubscribers, long epoch) {
    this.execution = execution;
    this.history = history;
    this.dispatcher = new Dispatcher(execution, history, index);
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
      index.unparkAll();
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
      log.error("A change could not be appended to the history; all subscriptions get a reset", e);
    } catch (Throwable again) {
      // They get it all the same.
    }
  }

  /** A subscription that is opened after the check reads a head that includes the changes. */
  private void wakeDispatcher() {
    if (subscribers > 0) {
      dispatcher.signal();
    }
  }

  /**
   * Opens a subscription. It reports all changes that were not committed before the call; earlier
   * ones can be read from now on.
   *
   * @param since where to resume, or null for the changes from now on; if the history does not
   *     reach back to there, or belongs to another process, the first event is a reset
   * @throws KvException.TooManyWatchers if the limit is reached
   */
  public Subscription open(WatchTarget target, @Nullable EventId since) {
    Subscription subscription = new Subscription(execution, host, history, target);
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
        // Nobody would ever close it.
        index.remove(subscription);
        subscribers = before;
        throw e;
      }
    } finally {
      index.lock.unlock();
    }
    return subscription;
  }

  /** What subscriptions see of the hub. */
  private final class Host implements Subscription.Host {
    @Override
    public long epoch() {
      return epoch;
    }

    @Override
    public long dispatched() {
      return dispatcher.position();
    }

    @Override
    public boolean isEnded() {
      return ended;
    }

    @Override
    public void countEvent() {
      events.increment();
    }

    @Override
    public void countReset() {
      resets.increment();
    }

    @Override
    public void remove(Subscription subscription) {
      index.lock.lock();
      try {
        index.remove(subscription);
        subscribers = index.size();
      } finally {
        index.lock.unlock();
      }
    }
  }

  SubscriptionIndex index() {
    return index;
  }

  long dispatched() {
    return dispatcher.position();
  }

  /** The number of subscriptions. */
  public int subscribers() {
    return subscribers;
  }

  /** The number of changes that were reported, over all subscriptions. */
  public long events() {
    return events.sum();
  }

  /** The number of resets that were reported, over all subscriptions. */
  public long resets() {
    return resets.sum();
  }

  /** The number of changes in the history. */
  public long historyChanges() {
    // In this order: otherwise a tail that has advanced could pass the head.
    long tail = history.tail();
    return history.head() - tail;
  }

  /** The memory that the history takes, in bytes. */
  public long historySize() {
    return history.size();
  }
}
