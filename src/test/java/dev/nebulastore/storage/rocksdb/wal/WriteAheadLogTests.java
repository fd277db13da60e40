package dev.nebulastore.storage.rocksdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.TestLibrary;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog.Log;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog.Report;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** Faults in logs that RocksDB wrote. */
class WriteAheadLogTests {

  private static final long SEED = Long.getLong("nebula.test.seed", 20_261_122);
  private static final int POSITIONS = Integer.getInteger("nebula.test.wal-positions", 400);

  private final Random random = new Random(SEED);

  @TempDir private Path folder;

  WriteAheadLogTests() {
    TestLibrary.load();
  }

  @Test
  void aWholeLogOfSeveralFilesIsClean() throws Exception {
    RealLog real = RealLog.write(folder, random, 100, 90_000, 0, 40_000, 1, 0, 100_000, 7);
    Report report = WriteAheadLog.check(real.database);
    assertThat(report.damage()).isEmpty();
    assertThat(report.droppedBytes()).isZero();
    assertThat(report.logs())
        .containsExactly(
            new Log(real.batches.get(1).file(), real.batches.get(1).end()),
            new Log(real.batches.get(3).file(), real.batches.get(3).end()),
            new Log(real.batches.get(5).file(), real.batches.get(5).end()));
  }

  /** Block ends with every number of remaining bytes occur on the way. */
  @Test
  void batchesOfAllSizesAreRead() throws Exception {
    int[] sizes = IntStream.range(0, 400).map(i -> 1 + random.nextInt(3_000)).toArray();
    RealLog real = RealLog.write(folder, random, sizes);
    assertThat(WriteAheadLog.check(real.database))
        .isEqualTo(
            new Report(
                List.of(new Log(real.last().file(), real.last().end())), 0, Optional.empty()));
  }

  @Test
  void aLogCutAnywhereInItsLastBatchIsTorn() throws Exception {
    RealLog real = RealLog.write(folder, random, 2_000, 29_000, 900, 40_000);
    long start = real.start(3);
    Path file = real.last().file();
    byte[] bytes = Files.readAllBytes(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int cut = bytes.length - 1; cut >= start; cut--) {
        channel.truncate(cut);
        int used = cut;
        while (used > start && bytes[used - 1] == 0) {
          used--;
        }
        Report report = WriteAheadLog.check(real.database);
        assertThat(report.damage()).as("cut at %d", cut).isEmpty();
        assertThat(report.droppedBytes()).as("cut at %d", cut).isEqualTo(used - start);
        assertThat(report.logs())
            .as("cut at %d", cut)
            .containsExactly(new Log(file, real.batches.get(2).end()));
      }
    }
    assertThat(real.found(folder)).containsExactly(0, 1, 2);
  }

  @Test
  void aBitFlippedInAnyBatchButTheLastIsDamage() throws Exception {
    RealLog real = several();
    int last = real.batches.size() - 1;
    for (Spot spot : spots(real, POSITIONS)) {
      for (int bit = 0; bit < 8; bit++) {
        flip(spot, bit);
        Report report = WriteAheadLog.check(real.database);
        flip(spot, bit);
        if (spot.batch() == last) {
          assertThat(report.damage().isPresent() || report.droppedBytes() > 0)
              .as("seed %d, bit %d of %s: %s", SEED, bit, spot, report)
              .isTrue();
        } else {
          assertThat(report.damage())
              .as("seed %d, bit %d of %s: %s", SEED, bit, spot, report)
              .hasValueSatisfying(damage -> {
                assertThat(damage.file()).isEqualTo(spot.file());
                assertThat(damage.offset()).isBetween(real.start(spot.batch()), spot.offset());
              });
        }
      }
    }
  }

  /** What a lost page or sector looks like. */
  @Test
  void zeroesInAnyBatchButTheLastAreDamage() throws Exception {
    RealLog real = several();
    int last = real.batches.size() - 1;
    for (Spot spot : spots(real, POSITIONS)) {
      int batch = spot.batch();
      int length = (int) Math.min(512, real.batches.get(batch).end() - spot.offset());
      byte[] kept = overwrite(spot, new byte[length]);
      boolean wasZero = IntStream.range(0, length).allMatch(i -> kept[i] == 0);
      Report report = WriteAheadLog.check(real.database);
      overwrite(spot, kept);
      assertThat(report.damage().isPresent() || (batch == last && report.droppedBytes() > 0))
          .as("seed %d, %s: %s", SEED, spot, report)
          .isNotEqualTo(wasZero);
    }
  }

  private RealLog several() throws IOException, RocksDBException {
    return RealLog.write(
        folder, random, 1_000, 100_000, 35_000, 0, 5_000, 64_000, 900, 0, 20_000, 3_000, 33_000,
        2_000, 50_000, 1_500, 900, 800);
  }

  /** A byte of a batch. */
  private record Spot(Path file, int batch, long offset) {}

  /**
   * Half of the bits anywhere, half in the header of a batch's first record or of the batch itself.
   */
  private List<Spot> spots(RealLog real, int count) {
    List<Spot> spots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int batch = random.nextInt(real.batches.size());
      long start = real.start(batch);
      int header = WalBlocks.HEADER + WalBlocks.BATCH_HEADER;
      int length = (int) (real.batches.get(batch).end() - start);
      Path file = real.batches.get(batch).file();
      long offset = start + random.nextInt(i % 2 == 0 ? Math.min(header, length) : length);
      spots.add(new Spot(file, batch, offset));
    }
    return spots;
  }

  private static void flip(Spot spot, int bit) throws IOException {
    byte[] bytes = overwrite(spot, new byte[1]);
    overwrite(spot, new byte[] {(byte) (bytes[0] ^ (1 << bit))});
  }

  /** Returns the previous bytes. */
  private static byte[] overwrite(Spot spot, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(spot.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int length = (int) Math.min(bytes.length, channel.size() - spot.offset());
      ByteBuffer before = ByteBuffer.allocate(length);
      channel.read(before, spot.offset());
      channel.write(ByteBuffer.wrap(bytes, 0, length), spot.offset());
      return before.array();
    }
  }
}
