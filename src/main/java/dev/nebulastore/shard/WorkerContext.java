package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.ShardStore;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker works, at what pace, and whom it tells of its changes, refusals, beginning and
 * end.
 */
record WorkerContext(
    Execution execution,
    int shard,
    long generation,
    int mailboxCapacity,
    ShardStore store,
    InstantSource time,
    ChangeListener changes,
    Supplier<Placement> placement,
    Runnable refused,
    Witness witness) {

  /** Sees a worker begin and end. Called on the worker's thread. */
  interface Witness {
    void serving(ShardWorker worker);

    /** {@code cause} is null after an orderly stop, or if the worker had been replaced before. */
    void ended(ShardWorker worker, @Nullable Throwable cause);
  }
}
