package dev.nebulastore.storage.rocksdb.directory;

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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The directory of a durable engine, which one process holds at a time. A directory belongs to
 * NebulaStore if it has a file {@code format}, or was empty. Any other is refused and not changed.
 *
 * <p>Threads: confined to the thread that opens and closes the engine.
 */
public final class DataDirectory implements AutoCloseable {

  private static final String LOCK = "lock";
  private static final String DATABASE = "db";

  /** The root of a new ext4 file system contains it; only root may read it. */
  private static final String LOST_AND_FOUND = "lost+found";

  /**
   * The directories that this process holds. The lock of the system belongs to the process, and is
   * released when the process closes any descriptor of the file: even an attempt to lock it again
   * would release it. So the process has to know without asking the system.
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
   * Locks the directory for this process. It is created if it is missing, with its parents.
   *
   * @throws StartRefused if it can't be used; the message says why and what to do
   */
  public static DataDirectory open(Path directory) {
    Path home = directory.toAbsolutePath().normalize();
    PathNames.require(home, "nebula.storage.directory");
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
   * Writes the format file of a checkpoint, so that {@link #open} accepts a copy of it.
   *
   * @param restored whether the copy is marked as one until it was opened
   */
  public static void describe(Path directory, boolean restored) throws IOException {
    new FormatFile(restored).write(directory);
  }

  /** The directory itself. */
  public Path home() {
    return home;
  }

  /** The folder of the database. */
  public Path database() {
    return database(home);
  }

  /** The folder of the database in a data directory, or in a checkpoint. */
  public static Path database(Path home) {
    return home.resolve(DATABASE);
  }

  /** Whether this is the copy of a backup that was never opened. */
  public boolean restored() {
    return restored;
  }

  /**
   * Marks the directory as the copy of a backup, since it is about to lose acknowledged writes. The
   * mark is on disk before anything is lost, so that a crash in between changes nothing.
   */
  public void markRestored() throws IOException {
    new FormatFile(true).write(home);
    restored = true;
  }

  /** Removes the mark of a copy: from now on the directory has a history of its own. */
  public void settle() throws IOException {
    new FormatFile(false).write(home);
    restored = false;
  }

  /** Unlocks the directory. */
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

  /** Refuses a foreign directory, one of a newer version, and one that can't be written. */
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
      // The directory may have changed before it was locked.
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

  /** Initializes an empty directory. Until the last step it counts as empty. */
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

  /** What an empty directory may contain: the remains of an initialization that crashed. */
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

  /**
   * An incomplete copy must not become a new, empty database, or lose entries. The manifest is
   * removed before RocksDB changes the files, so that it is not compared with changed files after a
   * crash. Backups of earlier versions have none.
   */
  private static void requireWhole(Path home) throws IOException {
    Path current = home.resolve(DATABASE).resolve("CURRENT");
    if (!Files.exists(current)) {
      throw incomplete(home, current + " is missing");
    }
    if (CheckpointManifest.isIn(home)) {
      Optional<String> problem = CheckpointManifest.problem(home, home.resolve(DATABASE));
      if (problem.isPresent()) {
        throw incomplete(home, problem.get());
      }
      Files.delete(home.resolve(CheckpointManifest.NAME));
      FormatFile.sync(home);
    }
  }

  private static StartRefused incomplete(Path home, String what) {
    return new StartRefused(
        "The directory %s is an incomplete copy of a backup: %s. Copy it again."
            .formatted(home, what));
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
