package bench.jmh;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The path of a command without HTTP: router, worker, store and back. Each caller is a virtual
 * thread, like a request, if JMH is started with {@code -jvmArgsAppend -Djmh.executor=VIRTUAL}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CommandBenchmark {

  private static final int KEYS = 100_000;

  private final Key[] keys = House.keys(KEYS);
  private final House house = House.start();

  /** Chooses keys uniformly. */
  @State(Scope.Thread)
  public static class Caller {
    private static final AtomicLong SEED = new AtomicLong();

    private final SplittableRandom random = new SplittableRandom(SEED.incrementAndGet());

    Key draw(Key[] keys) {
      return keys[random.nextInt(keys.length)];
    }
  }

  @Setup
  public void load() {
    for (Key key : keys) {
      var _ = house.put(key);
    }
  }

  @TearDown
  public void close() {
    house.close();
  }

  @Benchmark
  public Outcome get(Caller caller) {
    return house.get(caller.draw(keys));
  }

  @Benchmark
  public Outcome put(Caller caller) {
    return house.put(caller.draw(keys));
  }
}
