package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The decision on one transaction, on the stores of shards whose workers are quiesced.
 *
 * <p>Threads: confined to the transaction's.
 */
final class TransactionView implements Applier.Ground {

  /** A shard's part: what it was at, and what the transaction adds. */
  private static final class ShardPart {
    private final ShardStore store;
    private final long losses;
    private final List<Write> writes = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private Revision revision;

    /** The losses are read before anything that is decided on. */
    ShardPart(ShardStore store) {
      this.store = store;
      this.losses = store.losses();
      this.revision = store.revision();
    }

    void reset() {
      writes.clear();
      changes.clear();
      revision = store.revision();
    }
  }

  private final SortedMap<Integer, ShardPart> lanes = new TreeMap<>();
  private final Map<Key, Integer> shardOf;
  private final Map<Key, @Nullable Entry> entries = new HashMap<>();

  private final Supplier<TransactionReads> reads;

  /**
   * On these stores, by shard, and for these keys.
   *
   * @param reads makes what looks keys up
   */
  TransactionView(
      SortedMap<Integer, ShardStore> stores,
      Map<Key, Integer> shardOf,
      Supplier<TransactionReads> reads) {
    this.reads = reads;
    stores.forEach((shard, store) -> lanes.put(shard, new ShardPart(store)));
    this.shardOf = shardOf;
  }

  /**
   * Looks up all keys and decides. Large values are read, if the outcome needs them, when it is
   * decided without them, and then it is decided again: the stores are the same meanwhile.
   *
   * @param budget pays for those values
   * @throws ShardFailure if a key can't be read, or there is no room
   */
  TransactionOutcome decide(
      Transaction transaction, Instant now, ContentBudget budget, int capacity) {
    Map<Key, @Nullable Entry> stored = lookUp(transaction.keys(), null);
    entries.putAll(stored);
    TransactionOutcome outcome = Applier.decide(transaction, this, now);
    Set<Key> unread = unread(outcome);
    if (!unread.isEmpty()) {
      lanes.values().forEach(ShardPart::reset);
      entries.putAll(stored);
      entries.putAll(lookUp(unread, budget));
      outcome = Applier.decide(transaction, this, now);
    }
    if (outcome instanceof TransactionOutcome.Conflict) {
      lanes.values().forEach(ShardPart::reset);
    }
    lanes.forEach((shard, lane) -> requireRoom(shard, lane, capacity));
    return outcome;
  }

  private Map<Key, @Nullable Entry> lookUp(Set<Key> keys, @Nullable ContentBudget budget) {
    TransactionReads all = reads.get();
    for (Key key : keys) {
      all.add(key, shardOf(key), lane(key).store, budget);
    }
    return all.await();
  }

  /** The keys whose large values it found, or writes again, and which are still to be read. */
  private static Set<Key> unread(TransactionOutcome outcome) {
    Set<Key> unread = new HashSet<>();
    if (outcome instanceof TransactionOutcome.Committed committed) {
      for (Outcome result : committed.results()) {
        Entry entry = result.unread();
        if (entry != null) {
          unread.add(entry.key());
        }
      }
    }
    return unread;
  }

  private static void requireRoom(int shard, ShardPart lane, int capacity) {
    if (!lane.writes.isEmpty() && lane.store.isBusy(capacity)) {
      throw new MailboxFull(shard, capacity, ShardWorkers.RETRY_SOON);
    }
    for (Write write : lane.writes) {
      if (!lane.store.reserve(write.before(), write.change())) {
        throw StoreFull.noRoom(shard);
      }
    }
  }

  /** What is to be committed, also where nothing is: what was read may not be committed yet. */
  List<Part> parts(CommitLatch latch, ChangeListener listener) {
    List<Part> parts = new ArrayList<>();
    lanes.forEach((shard, lane) ->
        parts.add(
            new Part(
                lane.store,
                lane.losses,
                latch.expect(shard, lane.writes, lane.changes, listener))));
    return parts;
  }

  private int shardOf(Key key) {
    return Objects.requireNonNull(shardOf.get(key));
  }

  private ShardPart lane(Key key) {
    return Objects.requireNonNull(lanes.get(shardOf(key)));
  }

  @Override
  public @Nullable Entry stored(Key key) {
    return entries.get(key);
  }

  @Override
  public Revision last(Key key) {
    return lane(key).revision;
  }

  @Override
  public void take(Key key, List<Change> changes) {
    ShardPart lane = lane(key);
    Write write = new Write(entries.get(key), changes.getLast());
    lane.writes.add(write);
    lane.changes.addAll(changes);
    lane.revision = write.change().revision();
    entries.put(key, write.after());
  }
}
