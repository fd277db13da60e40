package dev.nebulastore.storage.rocksdb.wal;

import dev.nebulastore.storage.rocksdb.wal.WalReader.Content;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks through RocksDB's write-ahead log before RocksDB opens it, since RocksDB takes some damage
 * for the end of the log and then drops, without a word, what was acknowledged behind it. It also
 * does not say how much of a torn end it dropped.
 *
 * <p>What is torn is the end of the newest file: a batch that was being written when the machine or
 * the process stopped, and that was not acknowledged. Anything else is damage:
 *
 * <ol>
 *   <li>a record that is not whole, and behind it in the same file one that is and begins a batch;
 *   <li>a record that is not whole in an older file, unless the next file continues with the very
 *       number that the torn batch would have had: then an earlier start has dropped it;
 *   <li>within a file, a batch whose number does not follow from the one before.
 * </ol>
 *
 * <p>The numbers of one file need not follow those of the file before: RocksDB deletes files that
 * it no longer needs from the newest on, so a crash may leave an older one that nobody reads. Thus
 * an older file that was cut exactly between two batches, or is gone, is not seen here but by
 * {@link LogTracking}. A torn batch with a value that is itself a piece of a log looks like damage:
 * the start is refused where it need not be.
 *
 * <p>Threads: no state.
 */
public final class WriteAheadLog {

  private static final Pattern NAME = Pattern.compile("(\\d{1,18})\\.log");

  private WriteAheadLog() {}

  /**
   * What the log holds.
   *
   * @param logs the files with what is valid of each, the oldest first, up to the damage
   * @param droppedBytes the torn end of the newest one, to be dropped
   * @param damage why it must not be opened as it is
   */
  public record Report(List<Log> logs, long droppedBytes, Optional<WalDamage> damage) {
    /** Copies the list. */
    public Report {
      logs = List.copyOf(logs);
    }
  }

  /** A file, and how many bytes lead up to the end of its last whole batch. */
  public record Log(Path file, long validBytes) {}

  /** Reads all files once; changes nothing. */
  public static Report check(Path database) throws IOException {
    List<Content> contents = new ArrayList<>();
    for (Path file : files(database)) {
      Content content = WalReader.read(file);
      contents.add(content);
      if (content.damage() != null) {
        return new Report(logs(contents), 0, Optional.of(content.damage()));
      }
    }
    List<Content> written = contents.stream().filter(content -> !content.isEmpty()).toList();
    for (int i = 0; i + 1 < written.size(); i++) {
      if (!goesOn(written.get(i), written.get(i + 1))) {
        return new Report(logs(contents), 0, Optional.of(tornInOlder(written.get(i))));
      }
    }
    long dropped = written.isEmpty() ? 0 : written.getLast().tornBytes();
    return new Report(logs(contents), dropped, Optional.empty());
  }

  /**
   * Whether a database that was open once has no log file: RocksDB makes one whenever it opens, and
   * removes the previous ones only afterwards.
   */
  public static boolean isGone(Path database) throws IOException {
    return files(database).isEmpty() && wasOpen(database);
  }

  /** RocksDB writes this file last when it opens a database. */
  private static boolean wasOpen(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return false;
    }
    try (Stream<Path> files = Files.list(database)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("OPTIONS-"));
    }
  }

  /** Where the numbers of one file do not follow those of the file before, for the operator. */
  public static List<String> gaps(Path database) throws IOException {
    List<String> gaps = new ArrayList<>();
    Content before = null;
    for (Path file : files(database)) {
      Content content = WalReader.read(file);
      if (!content.hasBatches()) {
        continue;
      }
      if (before != null && before.nextNumber() < content.firstNumber()) {
        gaps.add(
            "%d records before %s"
                .formatted(content.firstNumber() - before.nextNumber(), file.getFileName()));
      }
      before = content;
    }
    return gaps;
  }

  /**
   * Ends each file behind its last whole batch, if the newest has a torn end. RocksDB drops one by
   * itself only if nothing follows it, and some file systems leave zeros there: the length of a
   * file, without its bytes.
   */
  public static void dropTorn(Report report) throws IOException {
    if (report.droppedBytes() == 0) {
      return;
    }
    for (Log log : report.logs()) {
      try (FileChannel file = FileChannel.open(log.file(), StandardOpenOption.WRITE)) {
        if (file.size() > log.validBytes()) {
          file.truncate(log.validBytes()).force(true);
        }
      }
    }
  }

  /** The bytes of all files of the log, preallocated space included; 0 if they can't be listed. */
  public static long bytes(Path database) {
    try (Stream<Path> files = Files.list(database)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static boolean goesOn(Content older, Content newer) {
    return older.tornBytes() == 0
        || (older.hasBatches() && newer.hasBatches() && newer.firstNumber() == older.nextNumber());
  }

  private static WalDamage tornInOlder(Content content) {
    return new WalDamage(
        content.file(), content.tornAt(), "a record is not whole, and a newer log follows");
  }

  private static List<Log> logs(List<Content> contents) {
    return contents.stream().map(content -> new Log(content.file(), content.validBytes())).toList();
  }

  private static List<Path> files(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(database)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(WriteAheadLog::number))
          .toList();
    }
  }

  private static long number(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }
}
