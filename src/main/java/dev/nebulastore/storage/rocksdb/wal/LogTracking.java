package dev.nebulastore.storage.rocksdb.wal;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * RocksDB's record of its own write-ahead log: whenever it has moved on to a new log file and
 * synced the previous one, it notes that file and its synced size in its manifest, and refuses to
 * open a database whose files are fewer or shorter than that. Without it a file that was removed,
 * or cut exactly between two batches, is recovered without a word, since nothing in the remaining
 * bytes is wrong.
 *
 * <p>The newest file is not recorded, as it is still being written. Neither is what was never
 * synced, so a power cut with {@code sync=never} does not look like damage.
 *
 * <p>Threads: no state.
 */
public final class LogTracking {

  /** The Java API has no setter for it. */
  private static final String OPTION = "track_and_verify_wals_in_manifest";

  private static final Pattern MISSING = Pattern.compile("Missing WAL with log number: (\\d+)\\.");
  private static final Pattern SHORT =
      Pattern.compile(
          "Size mismatch: WAL \\(log number: (\\d+)\\) in MANIFEST is (\\d+) bytes ?,"
              + " but actually is (\\d+) bytes on disk\\.");

  private LogTracking() {}

  /** Default options, to be completed by their setters, with tracking on or off. */
  public static DBOptions options(boolean tracking) {
    Properties properties = new Properties();
    properties.setProperty(OPTION, Boolean.toString(tracking));
    DBOptions options = DBOptions.getDBOptionsFromProps(properties);
    if (options == null) {
      throw new IllegalStateException("RocksDB does not know " + OPTION);
    }
    return options;
  }

  /**
   * Why RocksDB refuses the log, if that is why.
   *
   * @return the file and what is missing of it, as a clause
   */
  public static Optional<String> refusal(RocksDBException e, Path database) {
    String message = String.valueOf(e.getMessage());
    if (e.getStatus() == null || e.getStatus().getCode() != Status.Code.Corruption) {
      return Optional.empty();
    }
    Matcher missing = MISSING.matcher(message);
    if (missing.find()) {
      return Optional.of(file(database, missing.group(1)) + " is missing");
    }
    Matcher cut = SHORT.matcher(message);
    if (cut.find()) {
      return Optional.of(
          "%s has %s bytes, of the %s that were synced"
              .formatted(file(database, cut.group(1)), cut.group(3), cut.group(2)));
    }
    return Optional.empty();
  }

  private static Path file(Path database, String number) {
    return database.resolve("%06d.log".formatted(Long.parseLong(number)));
  }
}
