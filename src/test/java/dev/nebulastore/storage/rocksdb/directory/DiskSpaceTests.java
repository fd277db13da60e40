package dev.nebulastore.storage.rocksdb.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When puts are refused for lack of space, and when they are accepted again. */
class DiskSpaceTests {

  private static final long KEPT = 128L << 20;
  private static final long PLENTY = 1L << 50;
  private static final long MEMTABLE = 4L << 20;

  /** An eighth of the space that is kept free. */
  private static final long MARGIN = KEPT / 8;

  private static final long RESERVE = MEMTABLE + (8L << 20);

  @TempDir private Path folder;
  private long free = PLENTY;

  @SuppressWarnings("NullAway.Init")
  private DiskSpace space;

  @BeforeEach
  void measure() throws IOException {
    space = new DiskSpace(folder, () -> free, KEPT, MEMTABLE);
  }

  private void isFree(long bytes) {
    free = bytes;
    space.lookNow();
  }

  @Test
  void isLowBelowWhatIsKeptFree() {
    isFree(KEPT);
    assertThat(space.isLow()).isFalse();
    isFree(KEPT - 1);
    assertThat(space.isLow()).isTrue();
    assertThat(space.toString()).contains("127 MB are free", "min-free-space is 128 MB", "144 MB");
  }

  /** So that the state does not change with each file that is created or deleted. */
  @Test
  void isLowUntilThereIsAMarginMore() {
    isFree(KEPT - 1);
    isFree(KEPT + MARGIN - 1);
    assertThat(space.isLow()).isTrue();
    isFree(KEPT + MARGIN);
    assertThat(space.isLow()).isFalse();
    isFree(KEPT + 1);
    assertThat(space.isLow()).isFalse();
  }

  @Test
  void isTightBeforeItIsLow() {
    isFree(KEPT * 3 / 2);
    assertThat(space.isTight()).isFalse();
    isFree(KEPT * 3 / 2 - 1);
    assertThat(space.isTight()).isTrue();
    assertThat(space.isLow()).isFalse();
  }

  @Test
  void reservesSpaceOnlyWhereThereIsEnough() throws IOException {
    isFree(KEPT + MARGIN + RESERVE - 1);
    space.fillReserve(() -> false);
    assertThat(reserve()).doesNotExist();
    isFree(KEPT + MARGIN + RESERVE);
    space.fillReserve(() -> false);
    assertThat(reserve()).hasSize(RESERVE);
  }

  @Test
  void isLowOnceTheReserveWasSpentAndUntilItIsBack() throws IOException {
    space.fillReserve(() -> false);
    space.spendReserve();
    assertThat(reserve()).isEmptyFile();
    assertThat(new DiskSpace(folder, () -> free, KEPT, MEMTABLE).isLow())
        .as("the next process knows")
        .isTrue();
    assertThat(space.isLow()).isTrue();
    assertThat(space.toString()).contains("the disk was full");
    isFree(KEPT + MARGIN + RESERVE);
    assertThat(space.isLow()).isTrue();
    space.fillReserve(() -> false);
    space.lookNow();
    assertThat(space.isLow()).isFalse();
  }

  /** A disk that is too small for the margin must not refuse puts forever. */
  @Test
  void isNotLowForAReserveThatNeverWas() throws IOException {
    space.spendReserve();
    assertThat(space.isLow()).isFalse();
  }

  @Test
  void findsTheReserveOfTheLastProcess() throws IOException {
    space.fillReserve(() -> false);
    DiskReserve next = new DiskReserve(folder, RESERVE);
    assertThat(next.isHeld()).isTrue();
    assertThat(new DiskReserve(folder, RESERVE + 1).isHeld()).isFalse();
  }

  @Test
  void aStartOnAFullDiskSpendsTheReserve() throws IOException {
    assertThat(DiskReserve.spend(folder)).isFalse();
    space.fillReserve(() -> false);
    assertThat(DiskReserve.spend(folder)).isTrue();
    assertThat(DiskReserve.spend(folder)).isFalse();
    assertThat(new DiskReserve(folder, RESERVE).isSpent()).isTrue();
  }

  @Test
  void startsOnADiskThatCanNotTell() throws IOException {
    DiskSpace blind =
        new DiskSpace(
            folder,
            () -> {
              throw new IOException("no statvfs");
            },
            KEPT,
            MEMTABLE);
    blind.fillReserve(() -> false);
    assertThat(blind.isLow()).isFalse();
    assertThat(blind.isTight()).isFalse();
    assertThat(reserve()).as("it might fill the disk").doesNotExist();
  }

  /** The reserve would never be recreated otherwise. */
  @Test
  void isNotLowForASpentReserveWhereTheDiskCanNotTell() throws IOException {
    space.fillReserve(() -> false);
    isFree(KEPT + MARGIN + RESERVE);
    space.spendReserve();
    assertThat(space.isLow()).isTrue();
    isFree(Long.MAX_VALUE);
    assertThat(space.isLow()).isFalse();
  }

  @Test
  void compactionHasRoomThatDoesNotMakeTheDiskLow() {
    isFree(KEPT + MARGIN);
    assertThat(space.room()).isEqualTo(MARGIN);
    isFree(KEPT - 1);
    assertThat(space.room()).isBetween(KEPT / 2, KEPT - MARGIN);
    isFree(MARGIN);
    assertThat(space.room()).isEqualTo(MARGIN / 2);
  }

  @Test
  void aDeletedReserveCountsAsSpent() throws IOException {
    space.fillReserve(() -> false);
    Files.delete(reserve());
    isFree(KEPT);
    space.spendReserve();
    assertThat(space.isLow()).isTrue();
    isFree(KEPT + MARGIN + RESERVE);
    space.fillReserve(() -> false);
    assertThat(reserve()).hasSize(RESERVE);
  }

  @Test
  void reserveThatCanNotBeReleasedIsTriedAgain() throws IOException {
    space.fillReserve(() -> false);
    Files.delete(reserve());
    Files.createDirectory(reserve());
    space.spendReserve();
    Files.delete(reserve());
    isFree(KEPT);
    assertThat(space.isLow()).isFalse();
    space.spendReserve();
    assertThat(space.isLow()).isTrue();
  }

  @Test
  void anIncompleteReserveIsRemovedAtTheStart() throws IOException {
    Files.write(reserve(), new byte[1_000]);
    assertThat(new DiskReserve(folder, RESERVE).isSpent()).isFalse();
    assertThat(reserve()).doesNotExist();
  }

  /** Zeros would reserve no space on a file system with compression. */
  @Test
  void reserveCanNotBeCompressed() throws IOException {
    space.fillReserve(() -> false);
    Deflater deflater = new Deflater();
    deflater.setInput(Files.readAllBytes(reserve()), 0, 1 << 20);
    deflater.finish();
    assertThat(deflater.deflate(new byte[2 << 20])).isGreaterThan(1 << 20);
    deflater.end();
  }

  @Test
  void leavesNoPartOfAReserveBehind() throws IOException {
    space.fillReserve(() -> true);
    assertThat(reserve()).doesNotExist();
  }

  private Path reserve() {
    return folder.resolve(DiskReserve.NAME);
  }
}
