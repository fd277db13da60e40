package dev.nebulastore.storage.rocksdb;

/**
 * How often the cache lacks the keys that a worker looks up. With many more keys than fit into the
 * cache, most look-ups in memory are in vain, and a reader looks there anyway. So most of them are
 * skipped, and some are made to notice when that changes.
 *
 * <p>Threads: confined to the worker's thread, like its store.
 */
final class MissRate {

  private static final int WHOLE = 1 << 16;

  /** With 5 million small keys, looking costs as much as not looking at about half misses. */
  private static final int TOO_MANY = WHOLE * 2 / 3;

  /** An average over about 32 looks. */
  private static final int AVERAGE_SHIFT = 5;

  /** One of so many look-ups is made all the same. */
  static final int SAMPLED = 16;

  private int rate;
  private int leftOut;

  /** Whether the next look-up in memory is likely to be in vain and is to be skipped. */
  boolean isLookInVain() {
    if (rate <= TOO_MANY || ++leftOut == SAMPLED) {
      leftOut = 0;
      return false;
    }
    return true;
  }

  /** Counts a look-up in memory. */
  void count(boolean missed) {
    rate += ((missed ? WHOLE : 0) - rate) >> AVERAGE_SHIFT;
  }
}
