package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Gives a simulation the router and the resizer; nobody is told what they do. */
public final class SimulatedRouter {

  private static final int VIRTUAL_POINTS = 4;

  private SimulatedRouter() {}

  private static HashRing ring(ShardWorkers workers) {
    return HashRing.ofShards(workers.shards().size(), VIRTUAL_POINTS);
  }

  /** Over these workers. */
  public static ShardRouter create(ShardWorkers workers) {
    return new ShardRouter(workers, ring(workers), new Deaf());
  }

  /** Of these workers, before their number has changed. */
  public static Resizer resizer(
      ShardWorkers workers, Executor mover, LongConsumer parkNanos, LongSupplier nanoTime) {
    return new Resizer(workers, ring(workers), new Deaf(), mover, parkNanos, nanoTime);
  }

  private static final class Deaf implements ShardRouter.Listener, Resizer.Listener {
    @Override
    public void stepped(Duration stood) {}

    @Override
    public void resized(int from, int to) {}

    @Override
    public void answered(Command command, Outcome outcome, long nanos) {}

    @Override
    public void failed(Command command, KvException failure, long nanos) {}

    @Override
    public void answered(Transaction transaction, TransactionOutcome outcome, long nanos) {}

    @Override
    public void failed(Transaction transaction, KvException failure, long nanos) {}

    @Override
    public void scanned(int found, long nanos) {}
  }
}
