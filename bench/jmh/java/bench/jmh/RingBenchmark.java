package bench.jmh;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of looking up the shard of a key, with 16 shards of 512 points each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingBenchmark {

  /** So many keys that the branch predictor can't learn the path to each. */
  private static final int KEYS = 1 << 16;

  private final Key[] keys = House.keys(KEYS);
  private final HashRing ring = HashRing.ofShards(16, 512);
  private int next;

  @Benchmark
  public int ownerOf() {
    next = (next + 1) & (KEYS - 1);
    return ring.ownerOf(keys[next].utf8());
  }
}
