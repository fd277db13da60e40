package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/**
 * What the database takes on the disk, and how that is made less.
 *
 * <p>Not final, so that tests can have it say and do what they like.
 *
 * <p>Threads: safe for all; what flushes and compacts waits for the disk.
 */
class TableSpace {

  /** What has tables worth compacting. */
  enum Family {
    ENTRIES,
    EXPIRIES
  }

  /** Logs of this size are worth a flush, which removes them. */
  private static final long LARGE_LOG = 8L << 20;

  private final Database database;
  private final long rate;

  /**
   * Works on a database.
   *
   * @param rate how many bytes a compaction may write in a second
   */
  TableSpace(Database database, long rate) {
    this.database = database;
    this.rate = rate;
  }

  /**
   * Whether a flush would free anything, and what it writes fits.
   *
   * @param room how many bytes it may take for a while
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

  /** Writes all of the memory of recent writes to tables, so that no log is needed any more. */
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

  /** Compacts a part of the keys, no faster than it should. */
  void compact(Family family, ReclaimPlan.Step step) throws RocksDBException {
    database.<@Nullable Void>use(open -> {
      database.compactions().run(open, handle(open, family), step.from(), step.to(), rate);
      return null;
    });
  }

  /** Has what compacts come back soon, and nothing compact any more. */
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
