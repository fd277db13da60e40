package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/**
 * The tables of the database, and the flushes and compactions that make them smaller.
 *
 * <p>Not final, so that tests can replace it.
 *
 * <p>Threads: safe for all; flushes and compactions wait for the disk.
 */
class TableSpace {

  /** A column family that is worth compacting. */
  enum Family {
    ENTRIES,
    EXPIRIES
  }

  /** Logs of this size are worth a flush, which removes them. */
  private static final long LARGE_LOG = 8L << 20;

  private final Database database;
  private final long rate;

  /**
   * The tables of a database.
   *
   * @param rate the bytes that a compaction may write in a second
   */
  TableSpace(Database database, long rate) {
    this.database = database;
    this.rate = rate;
  }

  /**
   * Whether a flush would free space, and what it writes fits.
   *
   * @param room the bytes that it may take meanwhile
   */
  boolean flushHelps(long room) throws RocksDBException {
    return database.use(open -> {
      long bytes = 0;
      long puts = 0;
      long deletes = 0;
      for (ColumnFamilyHandle family : List.of(open.entries, open.expiries)) {
        bytes += open.db.getLongProperty(family, "rocksdb.cur-size-all-mem-tables");
        long removed =
            open.db.getLongProperty(family, "rocksdb.num-deletes-active-mem-table")
                + open.db.getLongProperty(family, "rocksdb.num-deletes-imm-mem-tables");
        deletes += removed;
        puts +=
            open.db.getLongProperty(family, "rocksdb.num-entries-active-mem-table")
                + open.db.getLongProperty(family, "rocksdb.num-entries-imm-mem-tables")
                - removed;
      }
      long output = puts == 0 ? 0 : bytes * Math.max(0, puts - deletes) / puts;
      return (deletes > 0 || database.logBytes() > LARGE_LOG) && output < room;
    });
  }

  /** Flushes all memtables, so that their logs are not needed any more. */
  void flush() throws RocksDBException {
    database.<@Nullable Void>use(open -> {
      try (FlushOptions options = new FlushOptions()) {
        options.setWaitForFlush(true);
        open.db.flush(options, List.of(open.entries, open.expiries, open.numbers));
      }
      return null;
    });
  }

  /** The tables of a family. */
  List<Table> tables(Family family) throws RocksDBException {
    return database.use(open -> {
      byte[] name = handle(open, family).getName();
      return open.db.getLiveFilesMetaData().stream()
          .filter(file -> Arrays.equals(file.columnFamilyName(), name))
          .map(Table::of)
          .toList();
    });
  }

  /** Compacts a range of keys, at the rate of this object. */
  void compact(Family family, ReclaimPlan.Step step) throws RocksDBException {
    database.<@Nullable Void>use(open -> {
      database.compactions().run(open, handle(open, family), step.from(), step.to(), rate);
      return null;
    });
  }

  /** Cancels running compactions, and lets none begin. */
  void stopCompacting() {
    database.compactions().stop();
  }

  private static ColumnFamilyHandle handle(OpenDatabase open, Family family) {
    return switch (family) {
      case ENTRIES -> open.entries;
      case EXPIRIES -> open.expiries;
    };
  }
}
