package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.nebulastore.LogRecorder;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.StorageEngine.Condition.State;
import dev.nebulastore.storage.rocksdb.WriteFailure.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The log messages about refused writes, and the meaning of failures. */
class RefusalLogTests {

  private static final Condition FULL = new Condition(State.FULL, "12 MB are free");
  private static final Condition BROKEN = new Condition(State.READABLE, "fsync failed");

  @RegisterExtension final LogRecorder log = new LogRecorder(RefusalLog.class);
  private final RefusalLog refusals = new RefusalLog();

  @Test
  void logsTheBeginningAndTheEndOnce() {
    for (Condition now : List.of(Condition.WRITABLE, FULL, FULL, FULL)) {
      refusals.tell(now);
    }
    assertThat(log.levels()).containsExactly(Level.WARN);
    assertThat(log.lines().getFirst().getFormattedMessage()).contains("507", FULL.cause());
    refusals.tell(Condition.WRITABLE);
    refusals.tell(Condition.WRITABLE);
    assertThat(log.levels()).containsExactly(Level.WARN, Level.INFO);
  }

  @Test
  void logsAFailureWithItsCause() {
    refusals.tell(BROKEN, new RocksDBException("fsync failed"));
    refusals.tell(BROKEN);
    refusals.tell(Condition.WRITABLE);
    assertThat(log.levels()).containsExactly(Level.ERROR, Level.INFO);
    assertThat(log.lines().getFirst().getFormattedMessage()).contains(BROKEN.cause());
    assertThat(log.lines().getFirst().getThrowableProxy()).isNotNull();
  }

  @Test
  void logsThatWritesAreAcceptedDespiteDamage() {
    Condition damaged = new Condition(State.DAMAGED, "block checksum mismatch in 8.sst");
    for (Condition now : List.of(BROKEN, damaged, damaged)) {
      refusals.tell(now);
    }
    assertThat(log.levels()).containsExactly(Level.ERROR, Level.ERROR);
    assertThat(log.lines().getLast().getFormattedMessage())
        .contains("accepted", damaged.cause(), "Restore a backup");
    refusals.tell(FULL);
    assertThat(log.lines().getLast().getFormattedMessage()).contains("507", FULL.cause());
  }

  /** A full disk whose reserve allows deletes is not a second event. */
  @Test
  void doesNotLogASmallImprovement() {
    for (Condition now : List.of(BROKEN, FULL, Condition.WRITABLE)) {
      refusals.tell(now);
    }
    assertThat(log.levels()).containsExactly(Level.ERROR, Level.INFO);
  }

  @Test
  void tooManyOpenFilesAreNoBadDisk() {
    for (String words : List.of("Too many open files", "Too many open files in system")) {
      WriteFailure failure =
          WriteFailure.of(new RocksDBException("While open a file: 7.log: " + words));
      assertThat(failure.kind()).isEqualTo(Kind.TOO_MANY_OPEN_FILES);
      assertThat(failure.cause())
          .contains("limit of open files", "ulimit -n", "nebula.limits.connections", words);
    }
  }

  @Test
  void fullDiskIsKnownByItsStatusAndByItsWords() {
    Status noSpace = new Status(Status.Code.IOError, Status.SubCode.NoSpace, "x");
    assertThat(WriteFailure.of(new RocksDBException("x", noSpace)).kind())
        .isEqualTo(Kind.DISK_FULL);
    assertThat(WriteFailure.of(new RocksDBException("probe: No space left on device")).kind())
        .isEqualTo(Kind.DISK_FULL);
    assertThat(WriteFailure.of(new RocksDBException("While appending: Disk quota exceeded")).kind())
        .isEqualTo(Kind.DISK_FULL);
    Status other = new Status(Status.Code.IOError, Status.SubCode.None, "x");
    assertThat(WriteFailure.of(new RocksDBException("x", other)).kind())
        .isEqualTo(Kind.NOT_WRITABLE);
  }
}
