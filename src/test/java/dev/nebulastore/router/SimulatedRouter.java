package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.time.Execution;
import java.time.Duration;

/** Creates the router and the resizer of a simulation, without listeners. */
public final class SimulatedRouter {

  private static final int VIRTUAL_POINTS = 4;

  private SimulatedRouter() {}

  private static HashRing ring(ShardRegistry registry) {
    return HashRing.ofShards(registry.shards().size(), VIRTUAL_POINTS);
  }

  /** Uses these shards' registry. */
  public static ShardRouter create(Shards shards) {
    return new ShardRouter(shards.registry, shards.gateway, ring(shards.registry), new Deaf());
  }

  /** Of these shards, before their number has changed. */
  public static Resizer resizer(ShardRegistry registry, Execution execution) {
    return new Resizer(
        registry,
        ring(registry),
        new Deaf(),
        task -> execution.virtualThread("resizer", task).start(),
        execution);
  }

  private static final class Deaf implements ShardRouter.Listener, Resizer.Listener {
    @Override
    public void stepped(Duration pause) {}

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
