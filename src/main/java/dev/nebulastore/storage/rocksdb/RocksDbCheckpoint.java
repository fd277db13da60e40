package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.CheckpointRefused;
import dev.nebulastore.storage.StartRefused;
import dev.nebulastore.storage.rocksdb.OpenDatabase.Setup;
import dev.nebulastore.storage.rocksdb.directory.CheckpointManifest;
import dev.nebulastore.storage.rocksdb.directory.DataDirectory;
import dev.nebulastore.storage.rocksdb.directory.FolderCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * A checkpoint of the durable engine: a folder like a data directory, with a {@link
 * CheckpointManifest}. An engine can be started on a copy of it, and it can be read as it is.
 *
 * <p>Threads: confined to one at a time.
 */
final class RocksDbCheckpoint implements Checkpoint {

  /** Little, since it is read once from its beginning to its end. */
  private static final long CACHE_BYTES = 8L << 20;

  private static final long MEMTABLE_BYTES = 4L << 20;

  private final Path folder;
  private final OpenDatabase open;

  private RocksDbCheckpoint(Path folder, OpenDatabase open) {
    this.folder = folder;
    this.open = open;
  }

  /**
   * Makes a checkpoint of all that is committed, and syncs it. On the disk of the database its
   * tables are hard links. What the folder is described by comes last, so that a part of a
   * checkpoint is never taken for one.
   */
  static void make(Database database, Path folder) throws IOException {
    Files.createDirectory(folder);
    Path copy = DataDirectory.database(folder);
    try {
      database.checkpoint(copy);
    } catch (RocksDBException e) {
      throw new IOException(e.getMessage(), e);
    }
    FolderCopy.sync(copy);
    CheckpointManifest.of(copy).write(folder);
    DataDirectory.describe(folder, true);
  }

  /**
   * Opens a checkpoint for reading.
   *
   * @throws CheckpointRefused if it was not finished, or is damaged
   */
  static RocksDbCheckpoint open(Path folder) {
    Path database = DataDirectory.database(folder);
    try {
      CheckpointManifest.requireCheckpoint(folder, database);
      return new RocksDbCheckpoint(
          folder, OpenDatabase.openReadOnly(new Setup(database, CACHE_BYTES, MEMTABLE_BYTES)));
    } catch (IOException | StartRefused | RocksDBException e) {
      throw new CheckpointRefused(folder, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Revision applied() {
    return new Revision(number(Numbers.ENTRIES, Numbers.APPLIED));
  }

  @Override
  public Instant lastTime() {
    return Instant.ofEpochMilli(number(Numbers.TIME, 0));
  }

  @Override
  public long entries() {
    return number(Numbers.ENTRIES, 0);
  }

  private long number(byte[] name, int index) {
    try {
      return open.number(name, index);
    } catch (RocksDBException e) {
      throw damaged(e);
    }
  }

  @Override
  public void read(Consumer<Entry> to) {
    long found = 0;
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        RocksIterator iterator = open.db.newIterator(open.entries, options)) {
      for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
        byte[] record = iterator.value();
        to.accept(EntryCodec.decode(Key.ofUtf8(iterator.key()), record, record.length));
        found++;
      }
      iterator.status();
    } catch (RocksDBException | InvalidKey e) {
      throw damaged(e);
    }
    if (found != entries()) {
      throw new CheckpointRefused(
          folder, "it holds %d entries of %d".formatted(found, entries()), null);
    }
  }

  private CheckpointRefused damaged(Exception e) {
    return new CheckpointRefused(folder, "it is damaged: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    open.close();
  }
}
