package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.simulation.ModelEngine.ModelShard;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A shard of the model as one generation sees it. It requires that one thread uses it at a time.
 *
 * <p>Threads: confined to the simulation's.
 */
final class ModelStore implements ShardStore {

  final ModelShard shard;
  final long generation;
  private final ModelEngine engine;
  private @Nullable Strand user;

  ModelStore(ModelEngine engine, ModelShard shard, long generation) {
    this.engine = engine;
    this.shard = shard;
    this.generation = generation;
  }

  private <T> T call(Supplier<T> body) {
    if (!engine.scheduler().isRunning()) {
      return body.get();
    }
    Strand me = engine.scheduler().running();
    if (user != null) {
      engine.ledger().breach("two threads in the store of a generation: " + user + ", " + me);
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
    return call(() -> shard.revision);
  }

  @Override
  public Lookup committed(Key key, @Nullable ContentBudget budget) {
    return call(() -> engine.committed(key));
  }

  @Override
  public Lookup latest(Key key, @Nullable ContentBudget budget) {
    return call(() -> engine.latest(key));
  }

  @Override
  public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
    var _ =
        call(() -> {
          engine.fetch(shard.number, key, then);
          return true;
        });
  }

  @Override
  public long quota() {
    return call(engine::quota);
  }

  @Override
  public boolean reserve(@Nullable Entry before, Change change) {
    return call(() -> Quota.growth(before, change) == 0 || engine.hasRoom());
  }

  @Override
  public long lossEpoch() {
    return call(engine::losses);
  }

  @Override
  public int unsettled() {
    return call(() -> shard.unsettled);
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
