package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.shard.CommandGateway;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Removes expired entries in the background, in bounded steps, each with a command to its shard: so
 * the removal is ordered with the writes of that key, and is a change like any other.
 *
 * <p>Threads: confined to the scheduler's; one sweep at a time.
 */
final class ExpirySweeper {

  /** The number of removals in flight at most, over all shards. */
  private static final int MAX_IN_FLIGHT = 256;

  private static final Logger log = LoggerFactory.getLogger(ExpirySweeper.class);

  private final CommandGateway gateway;
  private final ShardRouter router;
  private final int step;

  ExpirySweeper(CommandGateway gateway, ShardRouter router, int step) {
    this.gateway = gateway;
    this.router = router;
    this.step = step;
  }

  /**
   * Removes all entries that have expired. What a shard can't remove now is left to the next sweep.
   */
  @Scheduled(fixedDelayString = "#{@expiryInterval}")
  void sweep() {
    try {
      sweepOnce();
    } catch (Throwable e) {
      logQuietly(e);
    }
  }

  /** Never throws: a scheduler that can't even log a failure would not sweep again. */
  private static void logQuietly(Throwable e) {
    try {
      if (e instanceof ShardFailure failure) {
        log.warn("A sweep of expired entries ended early: {}", failure.getMessage());
      } else {
        log.error("A sweep of expired entries failed; the next one runs as scheduled", e);
      }
    } catch (Throwable again) {
      // The next one runs as scheduled.
    }
  }

  private void sweepOnce() {
    Set<Integer> failed = ConcurrentHashMap.newKeySet();
    @Nullable Expiry last = null;
    List<Expiry> due;
    do {
      due = gateway.expired(last, step);
      for (int from = 0; from < due.size(); from += MAX_IN_FLIGHT) {
        remove(due.subList(from, Math.min(from + MAX_IN_FLIGHT, due.size())), failed);
      }
      last = due.isEmpty() ? null : due.getLast();
    } while (due.size() == step);
  }

  /** Begins all removals before the first is answered, so that they share commits. */
  private void remove(List<Expiry> due, Set<Integer> failed) {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Expiry expiry : due) {
        callers.execute(() -> remove(expiry, failed));
      }
    }
  }

  private void remove(Expiry expiry, Set<Integer> failed) {
    int shard = router.shardOf(expiry.key());
    if (!failed.contains(shard)) {
      try {
        gateway.ask(new Command.Expire(expiry.key()));
      } catch (ShardFailure e) {
        failed.add(shard);
      }
    }
  }
}
