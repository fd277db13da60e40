package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.storage.memory.MemoryEngines;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The registry while its only worker is replaced. For callers it is a set of keys on which each
 * command takes effect exactly once, at one moment between its call and its return.
 *
 * <p>The workers have their own threads, so interleavings are tried by repetition and not
 * enumerated. A command that is answered as unknown was being executed by a worker that is fenced,
 * and had no effect. So it is sent again, and the model would show it if it took effect after all.
 */
@Tag("interleavings")
@Param(name = "key", gen = IntGen.class, conf = "0:1")
public class ShardRegistryInterleavingsTests {

  // A lost command is detected by its deadline, long before Lincheck gives up a scenario.
  private static final Shards SHARDS =
      Shards.create(1, MemoryEngines.create(Long.MAX_VALUE), Duration.ofSeconds(2));
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final String mine = "0-" + RUNS.incrementAndGet() + "-";

  private Outcome ask(Command command) {
    while (true) {
      try {
        return SHARDS.gateway.ask(command);
      } catch (OutcomeUnknown e) {
        // The command had no effect; see above.
      }
    }
  }

  @Operation
  public boolean create(@Param(name = "key") int key) {
    return ask(OneShard.putNew(mine + key, "a")) instanceof Outcome.Created;
  }

  @Operation
  public boolean delete(@Param(name = "key") int key) {
    return ask(new Command.Delete(Key.of(mine + key), Precondition.NONE))
            instanceof Outcome.Deleted(boolean existed)
        && existed;
  }

  @Operation
  public boolean has(@Param(name = "key") int key) {
    return ask(OneShard.get(mine + key)) instanceof Outcome.Found;
  }

  @Operation
  public void replace() {
    SHARDS.registry.replace(0, SHARDS.registry.status(0).generation());
  }

  /** The sequential specification. */
  public static class Model {
    private final Set<Integer> keys = new HashSet<>();

    public boolean create(int key) {
      return keys.add(key);
    }

    public boolean delete(int key) {
      return keys.remove(key);
    }

    public boolean has(int key) {
      return keys.contains(key);
    }

    public void replace() {}
  }

  @Test
  void commandsTakeEffectOnceDuringReplacements() {
    SHARDS.start();
    try {
      new StressOptions()
          .sequentialSpecification(Model.class)
          .minimizeFailedScenario(false)
          .threads(3)
          .actorsPerThread(4)
          .actorsBefore(1)
          .actorsAfter(1)
          .iterations(Integer.getInteger("nebula.test.scenarios", 10))
          .invocationsPerIteration(Integer.getInteger("nebula.test.interleavings", 500))
          .check(ShardRegistryInterleavingsTests.class);
    } finally {
      SHARDS.stop();
    }
  }
}
