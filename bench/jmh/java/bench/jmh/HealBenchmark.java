package bench.jmh;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.shard.ShardRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How long a shard does not respond after its worker dies: the time from the kill to the first
 * response of the successor. A killed worker executes no further command.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class HealBenchmark {

  /** Its shard must not be quarantined here, however often a worker dies. */
  private final House house =
      House.start("nebula.supervision.max-restarts=1000", "nebula.supervision.within=1ms");

  private final ShardRegistry registry = house.context().getBean(ShardRegistry.class);
  private final Key key = House.key(0);
  private final int shard = house.router().shardOf(key);
  private long killed;

  @TearDown
  public void close() {
    house.close();
  }

  @Benchmark
  public Outcome deathToFirstAnswer() {
    long generation = registry.kill(shard);
    if (generation <= killed) {
      throw new IllegalStateException("Generation %d answered after its death".formatted(killed));
    }
    killed = generation;
    while (true) {
      try {
        return house.get(key);
      } catch (KvException.ShardFailure refused) {
        Thread.onSpinWait();
      }
    }
  }
}
