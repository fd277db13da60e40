package dev.nebulastore.storage.rocksdb.directory;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupNoRoom;
import dev.nebulastore.kv.KvException.BackupRunning;
import dev.nebulastore.storage.Backups;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.StorageEngine.Condition;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
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
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of all backups. Each backup is a folder in it, named by the time at which it was made.
 *
 * <p>A backup is made in two steps. First, the engine makes a checkpoint in the data directory,
 * where it consists of hard links and takes little time: meanwhile the database can't be opened
 * again. Then the checkpoint is moved to the backups, or copied if they are on another disk. It has
 * a hidden name until all of it is on disk. So what a crash leaves is never listed, and the next
 * backup removes it.
 *
 * <p>Threads: safe for all; the work is done on threads of its own, for one backup at a time.
 */
public final class BackupFolder implements Backups, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(BackupFolder.class);

  /** Where the checkpoint is made, in the data directory. */
  private static final String STAGING = "backup.tmp";

  private static final Duration STOP = Duration.ofSeconds(5);

  private final Path folder;
  private final Path staging;
  private final StorageEngine engine;
  private final BackupNames names;
  private final FolderCopy copy = new FolderCopy();
  private final AtomicBoolean making = new AtomicBoolean();
  // The second thread lists backups while one is made.
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2, Thread.ofPlatform().daemon().name("rocksdb-backup-", 0).factory());

  /**
   * The backups of an engine.
   *
   * @param folder the folder of all backups, which is created with the first one
   * @param engine an engine that has a directory
   */
  public BackupFolder(Path folder, StorageEngine engine, InstantSource time) {
    this.folder = folder.toAbsolutePath().normalize();
    this.staging = engine.directory().orElseThrow().resolve(STAGING);
    this.engine = engine;
    this.names = new BackupNames(this.folder, time);
    // What a crash left there would keep the space of its files.
    removeQuietly(staging);
  }

  /**
   * Refuses a folder for backups that is the data directory, or inside of it, as both would be lost
   * together, and one that can't be named.
   *
   * @throws StartRefused if it is
   */
  public static void requireApart(Path folder, Path data) {
    Path backups = real(folder.toAbsolutePath().normalize());
    PathNames.require(backups, "nebula.storage.backup-directory");
    Path home = real(data.toAbsolutePath().normalize());
    if (backups.startsWith(home)) {
      throw new StartRefused(
          "The directory of the backups, %s, is %s the data directory. Choose another"
                  .formatted(backups, backups.equals(home) ? "also" : "inside of")
              + " nebula.storage.backup-directory, best on another disk.");
    }
  }

  /** The path with all links followed, as far as it exists. */
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
        if (BackupNames.isName(entry) && isBackup(entry)) {
          found.add(backup(entry));
        }
      }
    }
    found.sort(Comparator.comparing(Backup::name).reversed());
    return List.copyOf(found);
  }

  /** Whether it can be restored. A backup that a server was started on is none any more. */
  private static boolean isBackup(Path entry) throws IOException {
    try {
      return Files.exists(entry.resolve(FormatFile.NAME)) && FormatFile.read(entry).restored();
    } catch (StartRefused e) {
      return false;
    }
  }

  private static Backup backup(Path entry) throws IOException {
    String name = entry.getFileName().toString();
    return new Backup(name, BackupNames.created(name), FolderCopy.bytes(entry));
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
    String name = names.next();
    Path unfinished = names.unfinished(name);
    Path finished = names.finished(name);
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

  /** A checkpoint flushes the memtables, which must not fill the disk. */
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
      leftovers = entries.filter(BackupNames::isUnfinished).toList();
    }
    for (Path leftover : leftovers) {
      FolderCopy.remove(leftover);
    }
  }

  private void bring(Path unfinished) throws IOException {
    try {
      Files.move(staging, unfinished, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      copy.copy(staging, unfinished);
      FolderCopy.remove(staging);
    }
  }

  /** If the name was taken meanwhile, that folder is left as it is. */
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

  /** Runs work on a platform thread, so that a waiting virtual thread does not hold its carrier. */
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

  /** Stops a running copy. */
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
