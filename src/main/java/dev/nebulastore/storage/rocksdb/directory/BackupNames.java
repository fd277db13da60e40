package dev.nebulastore.storage.rocksdb.directory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of backups: the time at which each was made, in UTC. While one is made, its folder has
 * a hidden name.
 *
 * <p>Threads: immutable.
 *
 * @param folder the folder of all backups
 */
record BackupNames(Path folder, InstantSource time) {

  private static final Pattern NAME =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}\\.\\d{3}Z");
  private static final Pattern UNFINISHED = Pattern.compile("\\." + NAME + "\\.tmp");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Whether a backup may have this name. */
  static boolean isName(Path entry) {
    return NAME.matcher(entry.getFileName().toString()).matches();
  }

  /** Whether this is the name of a backup that was not finished. */
  static boolean isUnfinished(Path entry) {
    return UNFINISHED.matcher(entry.getFileName().toString()).matches();
  }

  /** When the backup of this name was made. */
  static Instant created(String name) {
    return TIME.parse(name, Instant::from);
  }

  /** Where a backup is made. */
  Path unfinished(String name) {
    return folder.resolve("." + name + ".tmp");
  }

  /** Where a backup is when it is whole. */
  Path finished(String name) {
    return folder.resolve(name);
  }

  /**
   * The name of the next backup: the time, or the millisecond after the latest name. So names stay
   * in order when the clock is set back.
   */
  String next() {
    String now = TIME.format(time.instant().truncatedTo(ChronoUnit.MILLIS));
    String latest = latest();
    return latest.compareTo(now) < 0 ? now : TIME.format(created(latest).plusMillis(1));
  }

  /** The greatest name in the folder, of a backup or not; less than any if there is none. */
  private String latest() {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::exists)
          .filter(BackupNames::isName)
          .map(entry -> entry.getFileName().toString())
          .max(Comparator.naturalOrder())
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      // Nothing is there yet; or it can't be read, and then writing there fails and says why.
      return "";
    }
  }
}
