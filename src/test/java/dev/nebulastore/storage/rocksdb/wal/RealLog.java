package dev.nebulastore.storage.rocksdb.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * A RocksDB database as after a crash, whose log was written by RocksDB itself: batches of values
 * for two column families, each batch synced. The end of each batch is known from the file size
 * after writing it, not from reading the file.
 */
public final class RealLog {

  /** The end of the log after the batch was synced. */
  public record Batch(Path file, long end) {}

  /** Files that RocksDB does not need to open the database. */
  private static final List<String> NOISE = List.of("LOG", "LOCK");

  public final Path database;
  public final List<Batch> batches = new ArrayList<>();
  private final Random random;

  private RealLog(Path database, Random random) {
    this.database = database;
    this.random = random;
  }

  /**
   * Writes a log.
   *
   * @param sizes of the batches, approximately, in bytes; 0 starts a new file and keeps the old one
   */
  public static RealLog write(Path folder, Random random, int... sizes)
      throws IOException, RocksDBException {
    Path live = folder.resolve("live");
    RealLog log = new RealLog(Files.createDirectory(folder.resolve("crashed")), random);
    try (Opened opened = new Opened(live);
        WriteOptions synced = new WriteOptions().setSync(true)) {
      for (int size : sizes) {
        if (size == 0) {
          opened.startNewFile();
        } else {
          log.write(opened, synced, size);
          Path file = newest(live);
          log.batches.add(new Batch(log.database.resolve(file.getFileName()), Files.size(file)));
        }
      }
      copy(live, log.database);
    }
    return log;
  }

  private void write(Opened opened, WriteOptions synced, int size) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      byte[] value = new byte[size];
      random.nextBytes(value);
      batch.put(opened.families.getFirst(), key(batches.size()), value);
      batch.put(opened.families.getLast(), key(batches.size()), new byte[random.nextInt(20)]);
      opened.database.write(synced, batch);
    }
  }

  /**
   * The start of the batch's first record, skipping the end of a block without space for a header.
   */
  public long start(int batch) {
    Path file = batches.get(batch).file();
    if (batch == 0 || !batches.get(batch - 1).file().equals(file)) {
      return 0;
    }
    long end = batches.get(batch - 1).end();
    long left = WalBlocks.BLOCK - end % WalBlocks.BLOCK;
    return left < WalBlocks.HEADER ? end + left : end;
  }

  public Batch last() {
    return batches.getLast();
  }

  /** The batches that RocksDB finds when it opens a copy of the database. */
  public List<Integer> found(Path folder) throws IOException, RocksDBException {
    Path copy = folder.resolve("copy");
    copy(database, copy);
    try (Opened opened = new Opened(copy)) {
      List<Integer> found = new ArrayList<>();
      for (int i = 0; i < batches.size(); i++) {
        if (opened.database.get(opened.families.getFirst(), key(i)) != null) {
          found.add(i);
        }
      }
      return found;
    } finally {
      delete(copy);
    }
  }

  public static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : list(from)) {
      if (!NOISE.contains(file.getFileName().toString())) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : list(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  public static Path newest(Path database) throws IOException {
    return list(database).stream()
        .filter(file -> file.toString().endsWith(".log"))
        .reduce((older, newer) -> newer)
        .orElseThrow();
  }

  private static byte[] key(int batch) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(batch).array();
  }

  /** An open database with two column families. */
  private static final class Opened implements AutoCloseable {

    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    private final ColumnFamilyOptions family = new ColumnFamilyOptions();
    private final DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
    private final RocksDB database;

    Opened(Path folder) throws RocksDBException {
      try {
        database =
            RocksDB.open(
                options,
                folder.toString(),
                List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family),
                    new ColumnFamilyDescriptor("other".getBytes(UTF_8), family)),
                families);
      } catch (RocksDBException e) {
        closeOptions();
        throw e;
      }
    }

    /** Flushing one family starts a new file. The content of the other keeps the old one. */
    void startNewFile() throws RocksDBException {
      try (FlushOptions flush = new FlushOptions()) {
        database.flush(flush, families.getFirst());
      }
    }

    @Override
    public void close() {
      families.forEach(ColumnFamilyHandle::close);
      database.close();
      closeOptions();
    }

    private void closeOptions() {
      options.close();
      family.close();
    }
  }
}
