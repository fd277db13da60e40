package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Applier.TransactionDecision;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Quota;
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
 * What one transaction sees and writes, on the stores of shards whose workers are quiesced.
 *
 * <p>Threads: confined to the transaction's.
 */
final class TransactionView implements Applier.Ground {

  /** The part of one shard: its last revision, and what the transaction adds. */
  private static final class ShardPart {
    private final ShardStore store;
    private final long losses;
    private final List<Write> writes = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private Revision revision;

    /** The losses are read before any entry is. */
    ShardPart(ShardStore store) {
      this.store = store;
      this.losses = store.lossEpoch();
      this.revision = store.revision();
    }

    void reset() {
      writes.clear();
      changes.clear();
      revision = store.revision();
    }
  }

  private final SortedMap<Integer, ShardPart> parts = new TreeMap<>();
  private final Map<Key, Integer> shardOf;
  private final Map<Key, @Nullable Entry> entries = new HashMap<>();

  private final Supplier<TransactionReads> reads;

  /**
   * Over these stores, by shard, and for these keys.
   *
   * @param reads creates the reads of a round of look-ups
   */
  TransactionView(
      SortedMap<Integer, ShardStore> stores,
      Map<Key, Integer> shardOf,
      Supplier<TransactionReads> reads) {
    this.reads = reads;
    stores.forEach((shard, store) -> parts.put(shard, new ShardPart(store)));
    this.shardOf = shardOf;
  }

  /**
   * Reads all keys and decides. Large values are read only if the outcome needs them: then the
   * transaction is decided a second time. The stores do not change in between.
   *
   * @param budget pays for those values
   * @throws ShardFailure if a key can't be read, or there is no room
   */
  TransactionOutcome decide(
      Transaction transaction, Instant now, ContentBudget budget, int capacity) {
    Map<Key, @Nullable Entry> stored = lookUp(transaction.keys(), null);
    TransactionOutcome outcome = decide(transaction, now, stored, quota());
    Set<Key> unread = unread(outcome);
    if (!unread.isEmpty()) {
      stored.putAll(lookUp(unread, budget));
      outcome = decide(transaction, now, stored, quota());
    }
    if (outcome instanceof TransactionOutcome.Conflict) {
      parts.values().forEach(ShardPart::reset);
    }
    parts.forEach((shard, part) -> requireNotBusy(shard, part, capacity));
    if (!parts.values().stream().allMatch(TransactionView::reserve)) {
      // Another shard took the room since.
      return decide(transaction, now, stored, Quota.NO_GROWTH);
    }
    return outcome;
  }

  /** Decides on what is stored, whatever was decided before. */
  private TransactionOutcome decide(
      Transaction transaction, Instant now, Map<Key, @Nullable Entry> stored, long quota) {
    parts.values().forEach(ShardPart::reset);
    entries.putAll(stored);
    return switch (Applier.decide(transaction, this, now, quota)) {
      case TransactionDecision.Decided(TransactionOutcome outcome) -> outcome;
      case TransactionDecision.NoRoom(Key key) -> throw StoreFull.noRoom(shardOf(key));
    };
  }

  /** All shards share the room of the store. */
  private long quota() {
    return parts.values().stream().mapToLong(part -> part.store.quota()).min().orElseThrow();
  }

  private Map<Key, @Nullable Entry> lookUp(Set<Key> keys, @Nullable ContentBudget budget) {
    TransactionReads all = reads.get();
    for (Key key : keys) {
      all.add(key, shardOf(key), partOf(key).store, budget);
    }
    return all.await();
  }

  /**
   * The keys whose large values the outcome returns or writes again, and which are not read yet.
   */
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

  private static void requireNotBusy(int shard, ShardPart part, int capacity) {
    if (!part.writes.isEmpty() && part.store.isBusy(capacity)) {
      throw new MailboxFull(shard, capacity, RetryAfter.SOON);
    }
  }

  private static boolean reserve(ShardPart part) {
    return part.writes.stream()
        .allMatch(write -> part.store.reserve(write.before(), write.change()));
  }

  /**
   * What to commit, of all shards: where nothing changed, what was read may not be committed yet.
   */
  List<Part> parts(CommitLatch latch, ChangeListener listener) {
    List<Part> all = new ArrayList<>();
    parts.forEach((shard, part) ->
        all.add(
            new Part(
                part.store,
                part.losses,
                latch.expect(shard, part.writes, part.changes, listener))));
    return all;
  }

  private int shardOf(Key key) {
    return Objects.requireNonNull(shardOf.get(key));
  }

  private ShardPart partOf(Key key) {
    return Objects.requireNonNull(parts.get(shardOf(key)));
  }

  @Override
  public @Nullable Entry stored(Key key) {
    return entries.get(key);
  }

  @Override
  public Revision last(Key key) {
    return partOf(key).revision;
  }

  @Override
  public void take(Key key, List<Change> changes) {
    ShardPart part = partOf(key);
    Write write = new Write(entries.get(key), changes.getLast());
    part.writes.add(write);
    part.changes.addAll(changes);
    part.revision = write.change().revision();
    entries.put(key, write.after());
  }
}
