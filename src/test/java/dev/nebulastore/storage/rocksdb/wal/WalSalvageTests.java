package dev.nebulastore.storage.rocksdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.TestLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalSalvageTests {

  private static final long SEED = 20_261_122;
  private static final int ROUNDS = Integer.getInteger("nebula.test.wal-openings", 24);
  private static final int BATCHES = 40;

  @TempDir private Path folder;
  private final Random random = new Random(SEED);

  @SuppressWarnings("NullAway.Init")
  private RealLog log;

  @SuppressWarnings("NullAway.Init")
  private byte[] whole;

  @BeforeEach
  void write() throws Exception {
    TestLibrary.load();
    int[] sizes =
        IntStream.range(0, BATCHES)
            .map(i -> 1 + random.nextInt(i % 8 == 0 ? 90_000 : 3_000))
            .toArray();
    log = RealLog.write(folder, random, sizes);
    whole = Files.readAllBytes(log.last().file());
  }

  @Test
  void leavesAWholeLogAsItIs() {
    byte[] bytes = whole.clone();
    assertThat(WalSalvage.cover(bytes)).isZero();
    assertThat(bytes).isEqualTo(whole);
  }

  /**
   * The bytes of a batch's first header that are flipped: a checksum, a length, the type, a value.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 4, 5, 6, 20})
  void losesTheStruckBatchAlone(int at) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      int struck = random.nextInt(BATCHES);
      byte[] bytes = whole.clone();
      bytes[(int) log.start(struck) + at] ^= (byte) (1 << random.nextInt(8));
      long covered = WalSalvage.cover(bytes);
      assertThat(covered).isPositive();
      assertThat(WalSalvage.cover(bytes.clone())).as("readable after salvage").isZero();
      Files.write(log.last().file(), bytes);
      List<Integer> rest =
          IntStream.range(0, BATCHES).filter(batch -> batch != struck).boxed().toList();
      assertThat(log.found(folder)).as("seed %d, round %d", SEED, round).isEqualTo(rest);
    }
  }

  @Test
  void losesOnlyWhatAHoleTouches() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      int from = random.nextInt(whole.length - 10);
      int to = Math.min(whole.length, from + 1 + random.nextInt(50_000));
      byte[] bytes = whole.clone();
      for (int i = from; i < to; i++) {
        bytes[i] = (byte) random.nextInt();
      }
      assertThat(WalSalvage.cover(bytes)).isPositive();
      Files.write(log.last().file(), bytes);
      List<Integer> untouched =
          IntStream.range(0, BATCHES)
              .filter(i -> log.batches.get(i).end() <= from || log.start(i) >= to)
              .boxed()
              .toList();
      assertThat(log.found(folder)).as("seed %d, round %d", SEED, round).containsAll(untouched);
    }
  }
}
