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
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out transactions.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">While the workers of all shards concerned are quiesced ({@link ShardBarrier}),
 *                 the caller's thread decides on their stores; at any time one thread uses a store.
 *   <li value="2">One {@link dev.nebulastore.kv.Applier} decides on all of it at one time.
 *   <li value="3">The engine takes the parts of all shards as one commit. The workers go on as soon
 *                 as it has: later writes are decided on top, and settled after it. The caller
 *                 waits until it is settled, also if nothing changed, since what it saw may not be
 *                 committed yet.
 *   <li value="4">A worker that is replaced in the middle is fenced like any other: the engine then
 *                 takes no part at all. The seat passes to the successor, and the transaction is
 *                 decided anew on its store. So there is no state in which a part is applied.
 *   <li value="8">Where the keys live is looked at again when their shards are quiesced, for from
 *                 then on it can't change: if some have moved, all begins anew.
 *   <li value="9">Coming to a stand, reading, and being quiesced are bounded by {@code
 *                 nebula.shards.barrier}, all of it by {@code nebula.shards.deadline}.
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
  private final Supplier<Placement> placement;

  Transactor(
      Execution execution,
      ShardProperties properties,
      StorageEngine engine,
      InstantSource time,
      ChangeListener listener,
      Consumer<BarrierRequest> offer,
      Supplier<Placement> placement) {
    this.execution = execution;
    this.properties = properties;
    this.engine = engine;
    this.time = time;
    this.listener = listener;
    this.offer = offer;
    this.placement = placement;
  }

  /**
   * Carries one out, and waits until it is settled.
   *
   * @param budget pays for the large values that it has to read
   * @throws ShardFailure if it was not carried out, or perhaps not; the exception says which
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

  /** Null if keys have moved before the shards came to a stand. */
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
      barrier.stop(new TreeSet<>(homes.values()));
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
        barrier.floors().forEach((shard, floor) -> stores.put(shard, floor.store()));
        TransactionView view = new TransactionView(stores, homes, barrier::reads);
        TransactionOutcome outcome =
            view.decide(transaction, time.instant(), budget, properties.mailboxCapacity());
        engine.submit(view.parts(latch, listener));
        return outcome;
      } catch (FencedException e) {
        latch.forget();
        barrier.awaitSuccessor(e.shard());
      }
    }
  }
}
