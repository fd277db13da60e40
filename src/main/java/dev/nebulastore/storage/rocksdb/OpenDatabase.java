package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.rocksdb.directory.DiskSpace;
import dev.nebulastore.storage.rocksdb.wal.LogTracking;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB database with its native objects. It must not be used after it is closed.
 *
 * <p>Its column families: the entries, under their keys; the expiries, in order of time; and a few
 * numbers of the engine's own.
 *
 * <p>Threads: safe for all, except {@link #close}: it must not be in use then.
 */
final class OpenDatabase implements AutoCloseable {

  private static final long KILO = 1_024;
  private static final int BITS_PER_KEY = 10;

  /** The number of tables that are kept open. */
  static final int TABLES_OPEN = 256;

  /** A rate in bytes a second at which nothing waits. */
  private static final long UNLIMITED = 1L << 40;

  private static final long REFILL_MICROS = 100_000;
  private static final int FAIRNESS = 10;

  private static final long LEAST_CACHE_SHARD = 32 * KILO * KILO;
  private static final long MOST_CACHE_SHARDS = 64;

  /** The share of the cache in which index and filter blocks stay before all others. */
  private static final double HIGH_PRIORITY = 0.5;

  /** Where the database is, and the memory that it may take. */
  record Setup(Path folder, long cacheBytes, long memtableBytes) {}

  final RocksDB db;
  final ColumnFamilyHandle entries;
  final ColumnFamilyHandle expiries;
  final ColumnFamilyHandle numbers;

  /** Finds only what is in memory. */
  final ReadOptions inMemory = new ReadOptions().setReadTier(ReadTier.BLOCK_CACHE_TIER);

  final ReadOptions anywhere = new ReadOptions();

  /** Returns when the log is on disk. */
  final WriteOptions synced = new WriteOptions().setSync(true);

  final WriteOptions unsynced = new WriteOptions();

  /** Limits reads, too: compactions that free dead entries read much and write little. */
  private final RateLimiter limiter =
      new RateLimiter(UNLIMITED, REFILL_MICROS, FAIRNESS, RateLimiterMode.ALL_IO);

  // In the order in which they are closed, after the database.
  private final List<AutoCloseable> parts = new ArrayList<>();

  private enum Mode {
    USUAL,
    /** Keeps the logs that it recovers from, and writes no tables of them. */
    FRUGAL,
    READ_ONLY,
    UNTRACKED
  }

  private OpenDatabase(Setup setup, Mode mode, boolean compacts) throws RocksDBException {
    Cache cache =
        part(new LRUCache(setup.cacheBytes(), shardBits(setup.cacheBytes()), false, HIGH_PRIORITY));
    WriteBufferManager buffers = part(new WriteBufferManager(setup.memtableBytes(), cache));
    Filter filter = part(new BloomFilter(BITS_PER_KEY));
    ColumnFamilyOptions large = columns(cache, filter, setup.memtableBytes() / 2, compacts);
    ColumnFamilyOptions small = columns(cache, filter, setup.memtableBytes() / 4, compacts);
    DBOptions options =
        part(
            options(setup, buffers, mode != Mode.UNTRACKED)
                .setAvoidFlushDuringRecovery(mode == Mode.FRUGAL)
                .setRateLimiter(limiter));
    List<ColumnFamilyDescriptor> families =
        List.of(
            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, large),
            new ColumnFamilyDescriptor(new byte[] {'e', 'x', 'p', 'i', 'r', 'i', 'e', 's'}, small),
            new ColumnFamilyDescriptor(new byte[] {'n', 'u', 'm', 'b', 'e', 'r', 's'}, small));
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    String path = setup.folder().toString();
    try {
      db =
          mode == Mode.READ_ONLY
              ? RocksDB.openReadOnly(options, path, families, handles)
              : RocksDB.open(options, path, families, handles);
    } catch (RocksDBException e) {
      closeParts();
      throw e;
    }
    entries = handles.get(0);
    expiries = handles.get(1);
    numbers = handles.get(2);
  }

  /**
   * Opens or creates a database. Where free space is short, it takes little.
   *
   * @param compacts whether it compacts tables by itself; if not, no write waits for that
   */
  static OpenDatabase open(Setup setup, boolean compacts) throws RocksDBException {
    boolean scarce = DiskSpace.free(setup.folder().resolveSibling(".")) < 2 * setup.memtableBytes();
    return new OpenDatabase(setup, scarce ? Mode.FRUGAL : Mode.USUAL, compacts);
  }

  /** Opens an existing database for reading only. */
  static OpenDatabase openReadOnly(Setup setup) throws RocksDBException {
    return new OpenDatabase(setup, Mode.READ_ONLY, false);
  }

  /**
   * Opens a database whose log has lost files or bytes, and forgets what was tracked of the log.
   * What is left of the log is in tables afterwards.
   */
  static OpenDatabase openUntracked(Setup setup) throws RocksDBException {
    return new OpenDatabase(setup, Mode.UNTRACKED, true);
  }

  /**
   * The number of parts of the cache, as a power of two. A block that is larger than its part is
   * never cached but read at each use. The index or filter of a table that was written in one piece
   * takes up to 6 MB, so no part is small.
   */
  static int shardBits(long cacheBytes) {
    long parts = Math.clamp(cacheBytes / LEAST_CACHE_SHARD, 1, MOST_CACHE_SHARDS);
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(parts);
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.addFirst(part);
    return part;
  }

  private ColumnFamilyOptions columns(
      Cache cache, Filter filter, long memtableBytes, boolean compacts) {
    return part(
        new ColumnFamilyOptions()
            .setWriteBufferSize(memtableBytes)
            .setDisableAutoCompactions(!compacts)
            // A read asks the filter of each table of level 0, so these are to be few.
            .setLevel0FileNumCompactionTrigger(2)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setFilterPolicy(filter)
                    .setBlockSize(4 * KILO)
                    .setFormatVersion(6)
                    // In partitions, of which a read takes one each. In one piece, those of a table
                    // of 64 MB are 5 MB.
                    .setIndexType(IndexType.kTwoLevelIndexSearch)
                    .setPartitionFilters(true)
                    .setMetadataBlockSize(4 * KILO)
                    .setPinTopLevelIndexAndFilter(true)
                    .setCacheIndexAndFilterBlocks(true)
                    .setCacheIndexAndFilterBlocksWithHighPriority(true)
                    .setPinL0FilterAndIndexBlocksInCache(true)));
  }

  private static DBOptions options(Setup setup, WriteBufferManager buffers, boolean tracking) {
    return LogTracking.options(tracking)
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
        .setWriteBufferManager(buffers)
        .setMaxTotalWalSize(2 * setup.memtableBytes())
        .setMaxOpenFiles(TABLES_OPEN)
        .setMaxBackgroundJobs(2)
        .setBytesPerSync(KILO * KILO)
        // Only the committer decides whether a disk that failed is tried again.
        .setMaxBgErrorResumeCount(0)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(4 * KILO * KILO)
        .setKeepLogFileNum(4)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  /** One of the engine's own numbers; 0 if it was never written. */
  long number(byte[] name, int index) throws RocksDBException {
    byte[] bytes = db.get(numbers, anywhere, name);
    return bytes == null ? 0 : EntryCodec.decodeNumber(bytes, index);
  }

  /** Limits the bytes that flushes and compactions read and write in a second. */
  void slowDownTo(long bytesPerSecond) {
    limiter.setBytesPerSecond(bytesPerSecond);
  }

  /** Removes the limit of flushes and compactions. */
  void speedUp() {
    limiter.setBytesPerSecond(UNLIMITED);
  }

  @Override
  public void close() {
    entries.close();
    expiries.close();
    numbers.close();
    db.close();
    closeParts();
  }

  private void closeParts() {
    for (AutoCloseable option : List.of(inMemory, anywhere, synced, unsynced, limiter)) {
      closeQuietly(option);
    }
    parts.forEach(OpenDatabase::closeQuietly);
  }

  /** Native objects do not throw here; only the interface says so. */
  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
