package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store of a shard for one generation, with faults before and after each call. It checks that
 * only one thread uses it at a time.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class FaultyStore implements ShardStore {

  private final FaultyEngine engine;
  private final int shard;
  private final ShardStore inner;
  private @Nullable Strand user;

  FaultyStore(FaultyEngine engine, int shard, ShardStore inner) {
    this.engine = engine;
    this.shard = shard;
    this.inner = inner;
  }

  int shard() {
    return shard;
  }

  ShardStore inner() {
    return inner;
  }

  private <T> T call(Supplier<T> body) {
    if (!engine.scheduler().isRunning()) {
      return body.get();
    }
    Strand me = engine.scheduler().running();
    if (user != null) {
      engine.ledger().breach("two threads use the store of a generation: " + user + ", " + me);
    }
    user = me;
    try {
      engine.faults().amid();
      T result = body.get();
      engine.faults().amid();
      return result;
    } finally {
      user = null;
    }
  }

  @Override
  public Revision revision() {
    return call(inner::revision);
  }

  @Override
  public Lookup committed(Key key, @Nullable ContentBudget budget) {
    return call(() -> inner.committed(key, budget));
  }

  @Override
  public Lookup latest(Key key, @Nullable ContentBudget budget) {
    return call(() -> inner.latest(key, budget));
  }

  @Override
  public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
    var _ =
        call(() -> {
          inner.fetch(key, budget, then);
          return true;
        });
  }

  @Override
  public boolean isBacklogged() {
    return call(inner::isBacklogged);
  }

  @Override
  public long quota() {
    return call(inner::quota);
  }

  @Override
  public boolean reserve(@Nullable Entry before, Change change) {
    return call(() -> inner.reserve(before, change) && engine.reserves(before, change));
  }

  @Override
  public long lossEpoch() {
    return call(inner::lossEpoch);
  }

  @Override
  public int unsettled() {
    return call(inner::unsettled);
  }

  @Override
  public void submit(long lossEpoch, Batch batch) {
    var _ =
        call(() -> {
          engine.take(List.of(new Part(this, lossEpoch, batch)));
          return true;
        });
  }
}
