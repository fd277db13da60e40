package dev.nebulastore.storage.rocksdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.TestLibrary;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How RocksDB handles the same faults, which is the reason for {@link WriteAheadLog}: it opens some
 * of these logs, and synced batches are missing without any message.
 */
class SilentLossTests {

  private static final Logger log = LoggerFactory.getLogger(SilentLossTests.class);
  private static final long SEED = Long.getLong("nebula.test.seed", 20_261_122);
  private static final int ROUNDS = Integer.getInteger("nebula.test.wal-openings", 24);

  /** One fault in a log, before the last batch. */
  enum Fault {
    /** Any bit of any batch. */
    A_BIT_ANYWHERE {
      @Override
      void strike(byte[] bytes, long start, long end, Random random) {
        flip(bytes, start + random.nextLong(end - start), random.nextInt(8));
      }
    },
    /** Any bit of the length in a batch's first header. */
    A_BIT_OF_A_LENGTH {
      @Override
      void strike(byte[] bytes, long start, long end, Random random) {
        flip(bytes, start + 4 + random.nextInt(2), random.nextInt(8));
      }
    },
    /**
     * Any bit of the type in a batch's first header. RocksDB itself is not tested: opening some of
     * these logs never returns, but loops in native code.
     */
    A_BIT_OF_A_TYPE {
      @Override
      void strike(byte[] bytes, long start, long end, Random random) {
        flip(bytes, start + 6, random.nextInt(8));
      }
    },
    /**
     * A batch's first header and the bytes after it are zero, as if they had never been written.
     */
    ZEROES {
      @Override
      void strike(byte[] bytes, long start, long end, Random random) {
        for (long at = start; at < Math.min(end, start + 64); at++) {
          bytes[(int) at] = 0;
        }
      }
    };

    abstract void strike(byte[] bytes, long start, long end, Random random);

    private static void flip(byte[] bytes, long at, int bit) {
      bytes[(int) at] ^= (byte) (1 << bit);
    }
  }

  private final Random random = new Random(SEED);
  private RealLog real;
  private byte[] whole;
  @TempDir private Path folder;

  @BeforeEach
  void writeTheLog() throws Exception {
    TestLibrary.load();
    int[] sizes = IntStream.range(0, 60).map(i -> 200 + random.nextInt(2_800)).toArray();
    real = RealLog.write(folder, random, sizes);
    whole = Files.readAllBytes(real.last().file());
  }

  @ParameterizedTest
  @EnumSource
  void whatRocksdbDropsWithoutAWordIsReported(Fault fault) throws IOException {
    int refused = 0;
    int silent = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int batch = random.nextInt(real.batches.size() - 1);
      byte[] bytes = whole.clone();
      fault.strike(bytes, real.start(batch), real.batches.get(batch).end(), random);
      Files.write(real.last().file(), bytes);
      Report report = WriteAheadLog.check(real.database);
      assertThat(report.damage())
          .as("seed %d, %s in batch %d: %s", SEED, fault, batch, report)
          .isPresent();
      if (fault == Fault.A_BIT_OF_A_TYPE) {
        continue;
      }
      try {
        List<Integer> found = real.found(folder);
        assertThat(found).as("seed %d, %s in batch %d", SEED, fault, batch).doesNotContain(batch);
        silent++;
      } catch (RocksDBException e) {
        refused++;
      }
    }
    log.info("{}: of {} RocksDB refused {} and lost {} silently.", fault, ROUNDS, refused, silent);
    if (fault == Fault.ZEROES) {
      assertThat(silent).as("silent losses, seed %d", SEED).isPositive();
    }
  }
}
