package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupNoRoom;
import dev.nebulastore.kv.KvException.BackupRunning;
import dev.nebulastore.storage.Backups;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.StorageEngine.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of the backups, each in a folder of its own that is named by the time at which it was
 * made.
 *
 * <p>One is made in two steps. RocksDB's checkpoint goes into the data directory, where it is made
 * of links and is done at once: while it runs, the database can't be opened anew. From there the
 * folder is moved, or copied where the backups are on another disk, under a hidden name, and takes
 * its own when all of it is on disk. So what a crash leaves is never listed, and the next backup
 * removes it.
 *
 * <p>Threads: safe for all; the work is done on threads of its own, for one backup at a time.
 */
final class BackupFolder implements Backups, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(BackupFolder.class);

  /** Where RocksDB's checkpoint is made, in the data directory. */
  private static final String STAGING = "backup.tmp";

  private static final Pattern NAME =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}\\.\\d{3}Z");
  private static final Pattern UNFINISHED = Pattern.compile("\\." + NAME + "\\.tmp");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final Path folder;
  private final Path staging;
  private final RocksDbEngine engine;
  private final InstantSource time;
  private final FolderCopy copy = new FolderCopy();
  private final AtomicBoolean making = new AtomicBoolean();
  // The second is for lists while one is made.
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2, Thread.ofPlatform().daemon().name("rocksdb-backup-", 0).factory());

  BackupFolder(Path folder, RocksDbEngine engine, InstantSource time) {
    this.folder = folder.toAbsolutePath().normalize();
    this.staging = engine.home().resolve(STAGING);
    this.engine = engine;
    this.time = time;
    // What a crash left there would keep files from being freed.
    removeQuietly(staging);
  }

  /**
   * Refuses a folder for backups that is part of the data directory, or the whole: whoever loses
   * the one would lose the other.
   */
  static void requireApart(Path folder, Path data) {
    Path backups = real(folder.toAbsolutePath().normalize());
    Path home = real(data.toAbsolutePath().normalize());
    if (backups.startsWith(home)) {
      throw new StartRefused(
          "The directory of the backups, %s, is %s the data directory. Choose another"
                  .formatted(backups, backups.equals(home) ? "also" : "inside of")
              + " nebula.storage.backup-directory, best on another disk.");
    }
  }

  /** With the links followed of as much of it as there is. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      Path parent = path.getParent();
      return parent == null ? path : real(parent).resolve(path.getFileName());
    }
  }

  @Override
  public List<Backup> list() {
    return onThread(() -> {
      try {
        return found();
      } catch (IOException e) {
        throw new BackupFailed(reason(e));
      }
    });
  }

  private List<Backup> found() throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    List<Backup> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (NAME.matcher(entry.getFileName().toString()).matches() && isBackup(entry)) {
          found.add(backup(entry));
        }
      }
    }
    found.sort(Comparator.comparing(Backup::name).reversed());
    return List.copyOf(found);
  }

  /** Whether it can be restored; one that a server was started on is no backup any more. */
  private static boolean isBackup(Path entry) throws IOException {
    try {
      return Files.exists(entry.resolve(FormatFile.NAME)) && FormatFile.read(entry).restored();
    } catch (StartRefused e) {
      return false;
    }
  }

  private static Backup backup(Path entry) throws IOException {
    String name = entry.getFileName().toString();
    return new Backup(name, TIME.parse(name, Instant::from), FolderCopy.bytes(entry));
  }

  @Override
  public Backup make() {
    if (!making.compareAndSet(false, true)) {
      throw new BackupRunning();
    }
    try {
      return onThread(this::makeOne);
    } finally {
      making.set(false);
    }
  }

  private Backup makeOne() {
    requireWritable();
    String name = nextName();
    Path unfinished = folder.resolve("." + name + ".tmp");
    Path finished = folder.resolve(name);
    try {
      createFolder();
      removeLeftovers();
      engine.checkpoint(staging);
      bring(unfinished);
      finish(unfinished, finished);
      Backup made = backup(finished);
      log.info("Backup {} was made, {} bytes", finished, made.bytes());
      return made;
    } catch (IOException e) {
      KvException failure = failure(e);
      List.of(staging, unfinished).forEach(BackupFolder::removeQuietly);
      throw failure;
    } catch (RuntimeException | Error e) {
      List.of(staging, unfinished).forEach(BackupFolder::removeQuietly);
      throw e;
    }
  }

  /** A checkpoint writes what memory holds to the disk, which must not be what fills it. */
  private void requireWritable() {
    Condition condition = engine.condition();
    switch (condition.state()) {
      case WRITABLE -> {}
      case FULL -> throw new BackupNoRoom(condition.cause());
      case DAMAGED, READABLE -> throw new BackupFailed(condition.cause());
    }
  }

  private void createFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Path parent = folder.getParent();
      if (parent != null) {
        FormatFile.sync(parent);
      }
    }
  }

  private void removeLeftovers() throws IOException {
    FolderCopy.remove(staging);
    List<Path> leftovers;
    try (Stream<Path> entries = Files.list(folder)) {
      leftovers =
          entries
              .filter(entry -> UNFINISHED.matcher(entry.getFileName().toString()).matches())
              .toList();
    }
    for (Path leftover : leftovers) {
      FolderCopy.remove(leftover);
    }
  }

  /** The time, or the millisecond after the latest name: names stay in order, as clocks may not. */
  private String nextName() {
    String now = TIME.format(time.instant().truncatedTo(ChronoUnit.MILLIS));
    String latest = latestName();
    return latest.compareTo(now) < 0
        ? now
        : TIME.format(TIME.parse(latest, Instant::from).plusMillis(1));
  }

  /** Of all that is there, be it a backup or not; less than any if nothing is. */
  private String latestName() {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::exists)
          .map(entry -> entry.getFileName().toString())
          .filter(name -> NAME.matcher(name).matches())
          .max(Comparator.naturalOrder())
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      // Nothing is there yet; or it can't be read, which whoever writes there is told.
      return "";
    }
  }

  private void bring(Path unfinished) throws IOException {
    try {
      Files.move(staging, unfinished, StandardCopyOption.ATOMIC_MOVE);
      FolderCopy.sync(unfinished);
    } catch (AtomicMoveNotSupportedException e) {
      copy.copy(staging, unfinished);
      FolderCopy.remove(staging);
    }
  }

  /** If somebody took the name meanwhile, it is left to them. */
  private void finish(Path unfinished, Path finished) throws IOException {
    Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
    try {
      FormatFile.sync(folder);
    } catch (IOException e) {
      removeQuietly(finished);
      throw e;
    }
  }

  private KvException failure(IOException e) {
    String cause = reason(e);
    log.warn("No backup was made in {}: {}", folder, cause);
    return cause.contains("No space left") ? new BackupNoRoom(cause) : new BackupFailed(cause);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException file -> file.getFile() + " is not a directory";
      case NotDirectoryException file -> file.getFile() + " is not a directory";
      case AccessDeniedException file -> file.getFile() + " may not be read and written";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() + ": " + other.getReason();
      case FileSystemException other -> other.toString();
      default -> String.valueOf(e.getMessage());
    };
  }

  private static void removeQuietly(Path left) {
    try {
      FolderCopy.remove(left);
    } catch (IOException e) {
      log.warn("{} could not be removed; the next backup tries it again", left, e);
    }
  }

  /** Waits for it without holding on to a carrier. */
  private <T> T onThread(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    try {
      threads.execute(task);
      return task.get();
    } catch (RejectedExecutionException e) {
      throw new BackupFailed("the server is stopping");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupFailed("it was interrupted");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Stops a copy that is under way. */
  @Override
  public void close() {
    copy.stop();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("A backup is still being made; it is never listed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
