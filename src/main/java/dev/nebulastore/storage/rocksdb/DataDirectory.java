package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The folder of a durable engine, held by one process at a time. It is ours if its {@link
 * FormatFile} says so, or if it was empty; any other is refused and not touched.
 *
 * <p>Threads: confined to the thread that opens and closes the engine.
 */
final class DataDirectory implements AutoCloseable {

  private static final String LOCK = "lock";
  private static final String DATABASE = "db";

  /** The root of a fresh ext4 file system has it, and only root may look inside. */
  private static final String LOST_AND_FOUND = "lost+found";

  /**
   * The directories that this process holds. The system's lock belongs to the process, and is gone
   * as soon as the process closes any descriptor of the file: whoever merely tries a lock that this
   * very process has would take it away. So the process has to know without asking the system.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path home;
  private final Path real;
  private final FileChannel lock;
  private boolean restored;

  private DataDirectory(Path home, Path real, FileChannel lock, boolean restored) {
    this.home = home;
    this.real = real;
    this.lock = lock;
    this.restored = restored;
  }

  /**
   * Takes the directory for this process. One that is not there is made, with its parents.
   *
   * @throws StartRefused if it can't be used; the message says why and what to do
   */
  static DataDirectory open(Path directory) {
    Path home = directory.toAbsolutePath().normalize();
    try {
      create(home);
      look(home);
      Path real = home.toRealPath();
      if (!HELD.add(real)) {
        throw inUse(home, "by this very process");
      }
      try {
        return hold(home, real);
      } catch (IOException | RuntimeException e) {
        HELD.remove(real);
        throw e;
      }
    } catch (IOException e) {
      throw unusable(home, e);
    }
  }

  /**
   * Makes a backup's folder one that {@link #open} takes.
   *
   * @param restored whether a directory that is opened as its copy is to know that it is one
   */
  static void describe(Path directory, boolean restored) throws IOException {
    new FormatFile(restored).write(directory);
  }

  /** The directory itself. */
  Path home() {
    return home;
  }

  /** Where RocksDB has its own. */
  Path database() {
    return database(home);
  }

  /** Where RocksDB has its own in a data directory, or in a backup. */
  static Path database(Path home) {
    return home.resolve(DATABASE);
  }

  /** Whether this is the copy of a backup and was not settled yet. */
  boolean restored() {
    return restored;
  }

  /**
   * From now on until it is settled this counts as the copy of a backup, since it is about to lose
   * what was acknowledged. On disk before anything is lost, so that a crash in between is no way
   * around what follows.
   */
  void markRestored() throws IOException {
    new FormatFile(true).write(home);
    restored = true;
  }

  /** From now on this is no copy of a backup but a directory with a history of its own. */
  void settle() throws IOException {
    new FormatFile(false).write(home);
    restored = false;
  }

  /** Lets another process have the directory. */
  @Override
  public void close() throws IOException {
    if (lock.isOpen()) {
      lock.close();
      HELD.remove(real);
    }
  }

  private static void create(Path home) throws IOException {
    if (Files.exists(home, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isDirectory(home)) {
        throw new StartRefused(
            "%s is not a directory. Move it away, or choose another nebula.storage.directory."
                .formatted(home));
      }
      return;
    }
    Path parent = home.getParent();
    if (parent != null) {
      create(parent);
    }
    Files.createDirectory(home);
    if (parent != null) {
      FormatFile.sync(parent);
    }
  }

  /** Refuses what is not ours, what a newer version wrote, and what can't be written. */
  private static void look(Path home) throws IOException {
    if (!Files.isReadable(home) || !Files.isWritable(home) || !Files.isExecutable(home)) {
      throw new AccessDeniedException(home.toString());
    }
    if (isOurs(home)) {
      FormatFile.read(home);
    } else {
      refuseForeign(home);
    }
  }

  private static DataDirectory hold(Path home, Path real) throws IOException {
    FileChannel channel =
        FileChannel.open(home.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!locked(channel)) {
        throw inUse(home, "by another process");
      }
      // What was seen before may have changed while nobody or somebody else held it.
      look(home);
      if (!isOurs(home)) {
        found(home);
      }
      boolean restored = FormatFile.read(home).restored();
      if (restored) {
        requireWhole(home);
      }
      return new DataDirectory(home, real, channel, restored);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Makes an empty directory ours; until the last step it counts as still empty. */
  private static void found(Path home) throws IOException {
    Files.createDirectories(home.resolve(DATABASE));
    FormatFile.sync(home);
    new FormatFile(false).write(home);
  }

  private static boolean isOurs(Path home) {
    return Files.exists(home.resolve(FormatFile.NAME), LinkOption.NOFOLLOW_LINKS);
  }

  private static void refuseForeign(Path home) throws IOException {
    try (Stream<Path> entries = Files.list(home)) {
      for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
        if (!isLeftover(entry)) {
          throw new StartRefused(
              "The directory %s is not NebulaStore's: it has no file %s, but has %s."
                      .formatted(home, FormatFile.NAME, entry.getFileName())
                  + " Choose an empty one with nebula.storage.directory.");
        }
      }
    }
  }

  /** What an empty directory may hold: what a crash left of making it ours. */
  private static boolean isLeftover(Path entry) throws IOException {
    return switch (entry.getFileName().toString()) {
      case LOST_AND_FOUND, FormatFile.UNFINISHED -> true;
      case LOCK -> Files.isRegularFile(entry) && Files.size(entry) == 0;
      case DATABASE -> isEmptyFolder(entry);
      default -> false;
    };
  }

  private static boolean isEmptyFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /** A copy that ended early must not become a new, empty database. */
  private static void requireWhole(Path home) {
    Path current = home.resolve(DATABASE).resolve("CURRENT");
    if (!Files.exists(current)) {
      throw new StartRefused(
          "The directory %s is an incomplete copy of a backup: %s is missing. Copy it again."
              .formatted(home, current));
    }
  }

  private static StartRefused inUse(Path home, String byWhom) {
    return new StartRefused(
        "The directory %s is in use %s. Stop that one, or choose another nebula.storage.directory."
            .formatted(home, byWhom));
  }

  private static StartRefused unusable(Path home, IOException e) {
    String reason =
        switch (e) {
          case AccessDeniedException denied -> "it may not be read and written";
          case FileSystemException other when other.getReason() != null ->
              other.getFile() + ": " + other.getReason();
          default -> e.toString();
        };
    return new StartRefused(
        "The directory %s can't be used: %s. Give it to the user of this process, on a disk that"
                .formatted(home, reason)
            + " can be written, or choose another nebula.storage.directory.",
        e);
  }
}
