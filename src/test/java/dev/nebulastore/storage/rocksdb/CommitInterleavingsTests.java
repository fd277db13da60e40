package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.rocksdb.RocksDbProperties.Sync;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Status;
import org.springframework.util.unit.DataSize;

/**
 * Two shards submit while the committer settles, and sometimes the disk fails. Each write stores a
 * number that is one greater than the latest of its shard. So a write that was decided on a wrong
 * state shows as a number that is acknowledged twice, or missing at the end.
 *
 * <p>The committer has its own thread and calls native code, so interleavings are tried by
 * repetition and not enumerated.
 */
@Tag("interleavings")
class CommitInterleavingsTests {

  private static final AtomicInteger SHARDS = new AtomicInteger();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static @Nullable FaultyDatabase database;
  private static @Nullable RocksDbEngine engine;

  @TempDir private static Path folder;

  /** The only key of its own shard, written by one thread at a time. */
  static final class Counter {
    private final int shard = SHARDS.incrementAndGet();
    private final Key key = Key.of("counter-" + shard);
    private final ShardStore store = engine().open(shard, 1);
    private final List<Long> written = new ArrayList<>();
    private final List<Submission> batches = new ArrayList<>();

    private static long number(@Nullable Entry entry) {
      return entry == null ? 0 : ByteBuffer.wrap(entry.value().bytes()).getLong();
    }

    void count() {
      count(() -> {});
    }

    /**
     * Runs an action between the decision and the submission. Waits first until the last but one
     * write is settled. So the decision is made while the last one is being written, and must see
     * it.
     */
    void count(Runnable meanwhile) {
      if (batches.size() > 1) {
        awaitSettled(batches.get(batches.size() - 2));
      }
      long lossEpoch = store.lossEpoch();
      long next = number(Submission.latest(store, key)) + 1;
      Revision revision = store.revision().next();
      Value value = new Value(ByteBuffer.allocate(Long.BYTES).putLong(next).array(), "a/b");
      Submission batch =
          Submission.of(store, List.of(new Change.Put(new Entry(key, value, revision, NOW, null))));
      meanwhile.run();
      store.submit(lossEpoch, batch);
      written.add(next);
      batches.add(batch);
    }

    /** Whether it was committed. */
    private static boolean awaitSettled(Submission batch) {
      try {
        batch.await();
        return true;
      } catch (CompletionException e) {
        return false;
      }
    }

    /** Waits until the last batch is settled and the disk accepts writes. */
    void awaitMended() {
      if (!awaitSettled(batches.getLast())) {
        while (engine().condition().state() != State.WRITABLE) {
          Thread.onSpinWait();
        }
      }
    }

    void check(boolean mayFail) {
      Set<Long> acknowledged = new HashSet<>();
      for (int i = 0; i < batches.size(); i++) {
        if (awaitSettled(batches.get(i))) {
          require(acknowledged.add(written.get(i)), "acknowledged twice", written);
        } else {
          require(mayFail, "refused without need", written);
        }
      }
      long last = number(Submission.committed(store, key));
      // Failed batches are never written here. So the acknowledged numbers are all numbers up to
      // the last.
      require(last == acknowledged.size(), "not what was acknowledged: " + last, written);
      require(
          acknowledged.stream().allMatch(number -> number <= last),
          "acknowledged and not there, but " + last,
          written);
      require(store.unsettled() == 0, "settled, and counted as unsettled", written);
    }

    private static void require(boolean holds, String breach, List<Long> written) {
      if (!holds) {
        throw new IllegalStateException(breach + ": " + written);
      }
    }
  }

  private static RocksDbEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("Not opened.");
    }
    return engine;
  }

  /** The operations that run concurrently; created anew each time. */
  public static class Scenario {
    final Counter left = new Counter();
    final Counter right = new Counter();
    boolean failed;

    @Operation(nonParallelGroup = "left")
    public void countLeft() {
      left.count();
    }

    @Operation(nonParallelGroup = "right")
    public void countRight() {
      right.count();
    }

    @Validate
    public void whatIsAcknowledgedWasDecidedOnWhatIsThere() {
      left.check(failed);
      right.check(failed);
      if (failed) {
        // A failure that was not used must not affect the next scenario.
        right.count();
        right.awaitMended();
      }
    }
  }

  /** The same, with a failing disk. */
  public static final class FailingScenario extends Scenario {
    /** Decides on top of a write that fails, and submits when the disk works again. */
    @Operation(nonParallelGroup = "left", runOnce = true)
    public void countLeftAcrossAFailure() {
      failNextWrite();
      left.count();
      left.count(left::awaitMended);
    }

    @Operation(nonParallelGroup = "disk", runOnce = true)
    public void failNextWrite() {
      failed = true;
      if (database != null) {
        database.failNextWrite(Status.SubCode.None);
      }
    }
  }

  @BeforeAll
  static void open() throws Exception {
    DataDirectory directory = DataDirectory.open(folder.resolve("data"));
    database = new FaultyDatabase(directory.database());
    Duration soon = Duration.ofMillis(1);
    DataSize small = DataSize.ofMegabytes(16);
    engine =
        new RocksDbEngine(
            directory,
            database,
            new RocksDbProperties(
                Sync.ALWAYS,
                soon,
                false,
                small,
                DataSize.ofMegabytes(4),
                DataSize.ofBytes(0),
                DataSize.ofMegabytes(32),
                2,
                soon,
                soon));
  }

  @AfterAll
  static void close() {
    engine().close();
  }

  private static void check(Class<?> scenario, int invocations) {
    new StressOptions()
        .verifier(EpsilonVerifier.class)
        .minimizeFailedScenario(false)
        .threads(3)
        .actorsPerThread(4)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(Integer.getInteger("nebula.test.scenarios", 5))
        .invocationsPerIteration(Integer.getInteger("nebula.test.interleavings", invocations))
        .check(scenario);
  }

  @Test
  void noWriteIsDecidedOnALostWrite() {
    check(Scenario.class, 40);
  }

  @Test
  void noWriteIsDecidedOnALostWriteWhileTheDiskFails() {
    check(FailingScenario.class, 15);
  }
}
