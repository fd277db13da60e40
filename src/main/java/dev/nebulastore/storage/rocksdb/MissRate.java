package dev.nebulastore.storage.rocksdb;

/**
 * How often memory lacks the keys that a worker looks up. With many more keys than the cache has
 * room for it mostly does, and each look at memory is then in vain: a reader looks there anyway. So
 * most of these looks are left out, and some are made to find out when that changes.
 *
 * <p>Threads: confined to the worker's, as its store.
 */
final class MissRate {

  private static final int WHOLE = 1 << 16;

  /** With 5 million small keys to look costs as much as not to look at about a half of misses. */
  private static final int TOO_MANY = WHOLE * 2 / 3;

  /** An average over about 32 looks. */
  private static final int AVERAGE_SHIFT = 5;

  /** One of so many looks is made all the same. */
  static final int SAMPLED = 16;

  private int rate;
  private int leftOut;

  /** Whether the next look is likely to be in vain and may be left out. */
  boolean isLookInVain() {
    if (rate <= TOO_MANY || ++leftOut == SAMPLED) {
      leftOut = 0;
      return false;
    }
    return true;
  }

  /** Says whether memory lacked a key. */
  void count(boolean missed) {
    rate += ((missed ? WHOLE : 0) - rate) >> AVERAGE_SHIFT;
  }
}
