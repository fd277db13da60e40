package dev.nebulastore.storage.rocksdb;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the range of keys to compact next, to free the space of deleted and overwritten entries.
 *
 * <p>A compaction writes what is alive before it removes what it has read, so on a full disk it
 * must not be one that needs more than there is. How much of a range is alive is estimated from the
 * counts of puts and deletes in its tables, and from the share of all puts that are still entries:
 * the larger of the two.
 *
 * <p>Threads: immutable.
 */
final class ReclaimPlan {

  /** The share of dead puts from which on a compaction is worth it before the disk is full. */
  private static final double WORTH = 0.25;

  /** A range of keys, with the tables that are compacted together for it. */
  @SuppressWarnings("ArrayRecordComponent")
  record Step(String table, byte[] from, byte[] to, long bytes, long output) {}

  private final List<Table> tables;
  private final double aliveOfAll;

  /**
   * Makes a plan for the tables as they are.
   *
   * @param tables those of one column family
   * @param alive how many entries it has, or fewer if that is not known
   */
  ReclaimPlan(List<Table> tables, long alive) {
    this.tables = List.copyOf(tables);
    long puts = tables.stream().mapToLong(Table::puts).sum();
    this.aliveOfAll = puts == 0 ? 0 : Math.clamp((double) alive / puts, 0, 1);
  }

  /** Whether so much is dead that it should be removed before the disk is full. */
  boolean isWorthIt() {
    return !tables.isEmpty() && 1 - aliveOfAll >= WORTH;
  }

  /**
   * The step that needs the least space.
   *
   * @param room the bytes that it may take temporarily
   * @param done tables that were tried before
   */
  Optional<Step> next(long room, Set<String> done) {
    int deepest = tables.stream().mapToInt(Table::level).max().orElse(0);
    return tables.stream()
        .filter(table -> !done.contains(table.name()))
        .filter(table -> table.deletes() > 0 || (aliveOfAll < 1 && isAbove(table, deepest)))
        .map(this::step)
        .filter(step -> step.output() <= room)
        .min(
            Comparator.comparingLong(Step::output)
                .thenComparing(Comparator.comparingLong(Step::bytes).reversed()));
  }

  /** Tables of the deepest level hold no older versions; those of level 0 may, of each other. */
  private static boolean isAbove(Table table, int deepest) {
    return table.level() < deepest || table.level() == 0;
  }

  private Step step(Table table) {
    byte[] from = table.from();
    byte[] to = table.to();
    // RocksDB takes all tables of level 0 that overlap, and these may reach further.
    for (boolean grown = table.level() == 0; grown; ) {
      grown = false;
      for (Table other : tables) {
        if (other.level() == 0 && other.overlaps(from, to)) {
          byte[] first = least(from, other.from());
          byte[] last = greatest(to, other.to());
          grown |= !Arrays.equals(first, from) || !Arrays.equals(last, to);
          from = first;
          to = last;
        }
      }
    }
    long bytes = 0;
    long puts = 0;
    long deletes = 0;
    for (Table other : tables) {
      if (other.overlaps(from, to)) {
        bytes += other.bytes();
        puts += other.puts();
        deletes += other.deletes();
      }
    }
    double alive = puts == 0 ? 0 : Math.max(aliveOfAll, (double) (puts - deletes) / puts);
    return new Step(table.name(), from, to, bytes, (long) (bytes * alive));
  }

  private static byte[] least(byte[] one, byte[] other) {
    return Arrays.compareUnsigned(one, other) <= 0 ? one : other;
  }

  private static byte[] greatest(byte[] one, byte[] other) {
    return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
  }
}
