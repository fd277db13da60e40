package dev.nebulastore.storage.rocksdb.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog.Log;
import dev.nebulastore.storage.rocksdb.wal.WriteAheadLog.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that RocksDB would rarely or never write in a test. */
class WalReaderTests {

  private static final int MIDDLE = 3;
  private static final int LAST = 4;

  private final LogForge forge = new LogForge();
  @TempDir private Path database;

  @Test
  void noLogIsClean() throws IOException {
    Report clean = new Report(List.of(), 0, Optional.empty());
    assertThat(WriteAheadLog.check(database)).isEqualTo(clean);
    assertThat(WriteAheadLog.check(database.resolve("absent"))).isEqualTo(clean);
    Files.writeString(database.resolve("LOG"), "not one");
    Files.writeString(database.resolve("old.log"), "nor this");
    assertThat(WriteAheadLog.check(database)).isEqualTo(clean);
  }

  @Test
  void freeSpaceBehindTheLastBatchIsNoTornEnd() throws IOException {
    forge.batch(1, 2).batch(3, 1);
    int end = forge.size();
    forge.raw(new byte[100_000]);
    assertThat(check()).isEqualTo(clean(end));
  }

  @Test
  void aHoleBeforeAWholeBatchIsDamage() throws IOException {
    forge.batch(1, 2);
    int end = forge.size();
    forge.raw(new byte[70_000]).batch(3, 1);
    assertThat(check().damage())
        .hasValue(
            new WalDamage(
                file(4),
                end,
                "a record is damaged, and whole ones follow at byte " + (end + 70_000)));
  }

  @Test
  void whatIsLeftOfABlockIsNotRead() throws IOException {
    forge.record(WalBlocks.FULL, LogForge.payload(1, 1, forge.room() - 6));
    forge.raw(new byte[] {1, 2, 3, 4, 5, 6}).batch(2, 1);
    assertThat(check()).isEqualTo(clean(forge.size()));
  }

  @Test
  void theHeaderOfABatchMayLieInTwoRecords() throws IOException {
    byte[] payload = LogForge.payload(1, 7, 60);
    forge.record(WalBlocks.FULL, LogForge.payload(0, 1, forge.room() - WalBlocks.HEADER - 5));
    forge.record(WalBlocks.FIRST, Arrays.copyOf(payload, 5));
    assertThat(forge.size()).isEqualTo(WalBlocks.BLOCK);
    forge.record(LAST, Arrays.copyOfRange(payload, 5, payload.length)).batch(8, 1);
    assertThat(check()).isEqualTo(clean(forge.size()));
  }

  @Test
  void aFirstPartWithoutRoomForAnyByteIsRead() throws IOException {
    forge.record(WalBlocks.FULL, LogForge.payload(0, 1, forge.room() - WalBlocks.HEADER));
    forge.record(WalBlocks.FIRST, new byte[0]).record(LAST, LogForge.payload(1, 1, 12));
    assertThat(check()).isEqualTo(clean(forge.size()));
  }

  @Test
  void aNumberThatDoesNotFollowIsDamage() throws IOException {
    forge.batch(5, 2);
    int end = forge.size();
    forge.batch(8, 1);
    assertThat(check().damage())
        .hasValue(new WalDamage(file(4), end, "write 7 should follow, and 8 does"));
  }

  @Test
  void aBatchWithoutWritesTakesNoNumber() throws IOException {
    forge.batch(5, 0).batch(5, 2).batch(7, 1);
    assertThat(check()).isEqualTo(clean(forge.size()));
  }

  @Test
  void aBatchThatIsTooShortIsDamage() throws IOException {
    forge.batch(1, 1);
    int end = forge.size();
    forge.record(WalBlocks.FULL, new byte[11]);
    assertThat(check().damage())
        .hasValue(new WalDamage(file(4), end, "a batch is too short to be one"));
  }

  @Test
  void aBatchWithoutItsEndBeforeAnotherIsDamage() throws IOException {
    forge.record(WalBlocks.FIRST, LogForge.payload(1, 1, forge.room())).batch(2, 1);
    assertThat(check().damage())
        .hasValue(
            new WalDamage(file(4), 0, "a batch has no end, and another begins at byte 32768"));
  }

  @Test
  void aPartWithoutABeginningIsTornOnlyAtTheEnd() throws IOException {
    forge.batch(1, 1);
    int end = forge.size();
    forge.record(MIDDLE, new byte[] {1}).record(LAST, new byte[] {1});
    assertThat(check().droppedBytes()).isEqualTo(2 * (WalBlocks.HEADER + 1));
    int size = forge.size();
    forge.batch(2, 1);
    assertThat(check().damage())
        .hasValue(
            new WalDamage(
                file(4), end, "a record is damaged, and whole ones follow at byte " + size));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 130, 200})
  void recordsBesideTheBatchesArePassedOver(int type) throws IOException {
    forge.record(type, new byte[20]).batch(1, 1).record(type, new byte[20]).batch(2, 1);
    assertThat(check()).isEqualTo(clean(forge.size()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 8, 9, 11, 127})
  void recordsThatAreNotKnownAreDamage(int type) throws IOException {
    forge.batch(1, 1);
    int end = forge.size();
    forge.record(type, new byte[20]);
    assertThat(check().damage())
        .hasValue(
            new WalDamage(file(4), end, "a record has the type " + type + ", which is not known"));
  }

  /** An older log exists too: its content proves nothing about this one. */
  @Test
  void aBatchWithAnOlderNumberProvesNothing() throws IOException {
    forge.batch(9, 1);
    int end = forge.size();
    forge.raw(new byte[] {1, 1, 1, 1, 1, 1, 1}).batch(3, 1);
    assertThat(check().damage()).isEmpty();
    assertThat(check().droppedBytes()).isEqualTo(forge.size() - end);
  }

  @Test
  void aTornEndThatAnEarlierStartDroppedIsNoDamage() throws IOException {
    torn(9, 1, 3);
    new LogForge().batch(4, 2).writeTo(file(10));
    Files.createFile(file(1_000_011));
    Report report = WriteAheadLog.check(database);
    assertThat(report.damage()).isEmpty();
    assertThat(report.droppedBytes()).isZero();
    assertThat(report.logs())
        .extracting(Log::file)
        .containsExactly(file(9), file(10), file(1_000_011));
  }

  @Test
  void aTornEndBeforeAnEmptyLogIsTheNewest() throws IOException {
    torn(9, 1, 3);
    Files.write(file(10), new byte[500]);
    Report report = WriteAheadLog.check(database);
    assertThat(report.damage()).isEmpty();
    assertThat(report.droppedBytes()).isEqualTo(20);
  }

  @Test
  void aTornEndBeforeANewerLogIsDamage() throws IOException {
    torn(9, 1, 3);
    new LogForge().batch(5, 2).writeTo(file(10));
    WalDamage damage = new WalDamage(file(9), 37, "a record is not whole, and a newer log follows");
    assertThat(WriteAheadLog.check(database).damage()).hasValue(damage);
    Files.writeString(file(10), "no batch at all");
    assertThat(WriteAheadLog.check(database).damage()).hasValue(damage);
  }

  /** A batch, and the first twenty bytes of the next. */
  private void torn(int file, long number, int writes) throws IOException {
    LogForge whole = new LogForge().batch(number, writes);
    int end = whole.size();
    whole.batch(number + writes, 1).writeTo(file(file));
    Files.write(file(file), Arrays.copyOf(Files.readAllBytes(file(file)), end + 20));
  }

  private Report check() throws IOException {
    forge.writeTo(file(4));
    return WriteAheadLog.check(database);
  }

  private Report clean(long validBytes) {
    return new Report(List.of(new Log(file(4), validBytes)), 0, Optional.empty());
  }

  private Path file(int number) {
    return database.resolve("%06d.log".formatted(number));
  }
}
