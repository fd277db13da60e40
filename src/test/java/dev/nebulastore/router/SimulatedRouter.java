package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardWorkers;

/** Gives a simulation the router. */
public final class SimulatedRouter {

  private static final int VIRTUAL_POINTS = 4;

  private SimulatedRouter() {}

  /** Over these workers; nobody is told what it does. */
  public static ShardRouter create(ShardWorkers workers) {
    return new ShardRouter(
        workers, HashRing.ofShards(workers.shards().size(), VIRTUAL_POINTS), new Deaf());
  }

  private static final class Deaf implements ShardRouter.Listener {
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
