package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.simulation.ModelEngine.Lane;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Part;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lane of the model as one generation sees it. It minds that nobody comes while another one is in
 * it.
 *
 * <p>Threads: confined to the simulation's.
 */
final class ModelStore implements ShardStore {

  final Lane lane;
  final long generation;
  private final ModelEngine engine;
  private @Nullable Strand user;

  ModelStore(ModelEngine engine, Lane lane, long generation) {
    this.engine = engine;
    this.lane = lane;
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
    return call(() -> lane.revision);
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
          engine.fetch(lane.shard, key, then);
          return true;
        });
  }

  @Override
  public boolean reserve(@Nullable Entry before, Change change) {
    return call(() -> engine.hasRoom(change));
  }

  @Override
  public long losses() {
    return call(engine::losses);
  }

  @Override
  public int unsettled() {
    return call(() -> lane.unsettled);
  }

  @Override
  public void submit(long losses, Batch batch) {
    var _ =
        call(() -> {
          engine.take(List.of(new Part(this, losses, batch)));
          return true;
        });
  }
}
