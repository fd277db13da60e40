package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.ShardStore.FencedException;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Executes transactions.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">While the workers of all shards concerned are quiesced ({@link ShardBarrier}),
 *                 the caller's thread decides on their stores. At any time one thread uses a store.
 *   <li value="2">One {@link dev.nebulastore.kv.Applier} decides on all of it at one time.
 *   <li value="3">The engine takes the parts of all shards as one commit. The workers continue as
 *                 soon as it has: later writes are decided on top, and committed after it. The
 *                 caller waits for the commit, also if nothing changed, since what it saw may not
 *                 be committed yet.
 *   <li value="4">A worker that is replaced in the middle is fenced like any other: the engine then
 *                 accepts no part at all. The barrier request passes to the successor, and the
 *                 transaction is decided again on its store. So no part is ever applied alone.
 *   <li value="8">The placement is read again when the shards are quiesced, since from then on it
 *                 can't change. If keys have moved, the transaction starts again.
 *   <li value="9">Quiescing the shards, reading, and deciding are limited to {@code
 *                 nebula.shards.barrier} together, all of it to {@code nebula.shards.deadline}.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class Transactor {

  private final Execution execution;
  private final ShardProperties properties;
  private final StorageEngine engine;
  private final InstantSource time;
  private final ChangeListener listener;
  private final Consumer<BarrierRequest> offer;
  private final CurrentPlacement placement;

  /**
   * For the shards of a registry.
   *
   * @param offer adds a request to the mailbox of its shard, or throws
   */
  Transactor(
      ShardEnvironment environment, Consumer<BarrierRequest> offer, CurrentPlacement placement) {
    this.execution = environment.execution();
    this.properties = environment.properties();
    this.engine = environment.engine();
    this.time = environment.time();
    this.listener = environment.changes();
    this.offer = offer;
    this.placement = placement;
  }

  /**
   * Executes a transaction, and waits for its commit.
   *
   * @param budget pays for the large values that it has to read
   * @throws ShardFailure if it was not executed, or perhaps not; the exception says which
   */
  TransactionOutcome run(Transaction transaction, ContentBudget budget) {
    if (transaction.keys().isEmpty()) {
      return new TransactionOutcome.Committed(true, List.of());
    }
    long until = execution.nanoTime() + properties.deadline().toNanos();
    CommitLatch latch = new CommitLatch(execution);
    TransactionOutcome outcome = null;
    while (outcome == null) {
      outcome = attempt(transaction, budget, placement.get(), latch, until);
    }
    latch.await(until);
    return outcome;
  }

  /** Null if keys moved before the shards were quiesced. */
  @SuppressWarnings("ReferenceEquality")
  private @Nullable TransactionOutcome attempt(
      Transaction transaction,
      ContentBudget budget,
      Placement known,
      CommitLatch latch,
      long until) {
    Map<Key, Integer> homes = homes(transaction, known);
    Duration left = Duration.ofNanos(until - execution.nanoTime());
    Duration limit = left.compareTo(properties.barrier()) < 0 ? left : properties.barrier();
    try (ShardBarrier barrier = new ShardBarrier(execution, false, limit, offer)) {
      barrier.quiesce(new TreeSet<>(homes.values()));
      return submit(transaction, budget, homes, barrier, latch);
    } catch (KvException failure) {
      if (placement.get() == known || execution.nanoTime() - until >= 0) {
        throw failure;
      }
      return null;
    }
  }

  private static Map<Key, Integer> homes(Transaction transaction, Placement placement) {
    Map<Key, Integer> homes = new HashMap<>();
    transaction.keys().forEach(key -> homes.put(key, placement.shardOf(key)));
    return homes;
  }

  private @Nullable TransactionOutcome submit(
      Transaction transaction,
      ContentBudget budget,
      Map<Key, Integer> homes,
      ShardBarrier barrier,
      CommitLatch latch) {
    while (true) {
      if (!homes(transaction, placement.get()).equals(homes)) {
        return null;
      }
      try {
        SortedMap<Integer, ShardStore> stores = new TreeMap<>();
        barrier.quiesced().forEach((shard, lent) -> stores.put(shard, lent.store()));
        TransactionView view = new TransactionView(stores, homes, barrier::reads);
        TransactionOutcome outcome =
            view.decide(transaction, time.instant(), budget, properties.mailboxCapacity());
        engine.submit(view.parts(latch, listener));
        return outcome;
      } catch (FencedException e) {
        latch.reset();
        barrier.awaitSuccessor(e.shard());
      }
    }
  }
}
