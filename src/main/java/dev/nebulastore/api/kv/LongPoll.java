package dev.nebulastore.api.kv;

import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.watch.Subscription;
import dev.nebulastore.watch.Subscription.Event;
import dev.nebulastore.watch.WatchHub;
import dev.nebulastore.watch.WatchTarget;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A read that waits for a change: until the entry differs from the client's, or exists.
 *
 * <p>Changes only trigger another read, so each answer is that of an ordinary read through the
 * keyspace. The subscription opens before the first read, so that no change is missed.
 *
 * <p>Threads: immutable.
 */
final class LongPoll {

  private final Keyspace keyspace;
  private final WatchHub hub;
  private final long checkEvery;
  private final Duration longest;
  private final LongSupplier nanoTime;

  /**
   * Creates the reader of all long polls.
   *
   * @param heartbeat how often a read that waits checks whether its caller may still read
   * @param longest the longest wait
   */
  LongPoll(
      Keyspace keyspace,
      WatchHub hub,
      Duration heartbeat,
      Duration longest,
      LongSupplier nanoTime) {
    this.keyspace = keyspace;
    this.hub = hub;
    this.checkEvery = heartbeat.toNanos();
    this.longest = longest;
    this.nanoTime = nanoTime;
  }

  /** The longest wait; whoever prefers a longer one waits as long as this. */
  Duration longest() {
    return longest;
  }

  /**
   * Reads until the outcome is news to the client, the wait is over, or the client has gone.
   *
   * @param mayStill throws once the caller may not read any more
   * @param budget counts a large value; no value is read before there is news
   */
  Outcome read(
      Command.Get read,
      Duration wait,
      Runnable mayStill,
      ContentBudget budget,
      ClientPresence client) {
    if (wait.isZero()) {
      return keyspace.execute(read, budget);
    }
    long deadline = nanoTime.getAsLong() + wait.toNanos();
    try (Subscription changes = hub.open(WatchTarget.inKey(read.key()), null)) {
      Outcome outcome = keyspace.execute(read, budget);
      while (saysNothing(read, outcome)) {
        client.tellOnce(changes::returnEarly);
        long left = Math.max(0, deadline - nanoTime.getAsLong());
        Event event = changes.next(Duration.ofNanos(Math.min(left, checkEvery)));
        mayStill.run();
        boolean over = left == 0 || event instanceof Event.Ended || client.isGone();
        // An entry that has expired is gone, even before its removal is reported.
        outcome = keyspace.execute(read, budget);
        if (over) {
          return outcome;
        }
      }
      return outcome;
    } finally {
      client.tellNoMore();
    }
  }

  private static boolean saysNothing(Command.Get read, Outcome outcome) {
    return outcome instanceof Outcome.NotModified
        || (outcome instanceof Outcome.Absent && read.precondition().ifNoneMatch() == null);
  }
}
