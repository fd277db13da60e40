package dev.nebulastore.api;

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
 * A read that waits until it has something to say: the entry is another than the one that the
 * client has, or there is one where there was none.
 *
 * <p>What is told of changes only says when to read again: each answer is that of a read through
 * the keyspace, and as good as any other. It watches before it first reads, so that no change falls
 * between the two.
 *
 * <p>Threads: immutable.
 */
final class LongPoll {

  private final Keyspace keyspace;
  private final WatchHub hub;
  private final LongSupplier nanoTime;

  LongPoll(Keyspace keyspace, WatchHub hub, LongSupplier nanoTime) {
    this.keyspace = keyspace;
    this.hub = hub;
    this.nanoTime = nanoTime;
  }

  /**
   * The outcome of the read as soon as it is worth an answer, or else what it is after the wait, or
   * when the client has gone away.
   *
   * @param budget pays for a large value; nothing is read as long as there is nothing to say
   */
  Outcome read(Command.Get read, Duration wait, ContentBudget budget, ClientPresence client) {
    if (wait.isZero()) {
      return keyspace.execute(read, budget);
    }
    long deadline = nanoTime.getAsLong() + wait.toNanos();
    try (Subscription changes = hub.open(WatchTarget.inKey(read.key()), null)) {
      Outcome outcome = keyspace.execute(read, budget);
      while (saysNothing(read, outcome)) {
        client.tellOnce(changes::returnEarly);
        long left = Math.max(0, deadline - nanoTime.getAsLong());
        Event event = changes.next(Duration.ofNanos(left));
        boolean over = left == 0 || event instanceof Event.Ended || client.isGone();
        // What has expired meanwhile is gone, though its removal may not have been told yet.
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
