package dev.nebulastore.kv;

import org.jspecify.annotations.Nullable;

/**
 * The room that a store has left: what a write may be refused for. It is an input of {@link
 * Applier}, like the revision and the time, so that replicas that apply the same command with the
 * same quota decide the same.
 *
 * <p>A quota is the number of bytes by which the content may grow. It is a plain {@code long}: it
 * travels in a log entry, and reading it for each command allocates nothing.
 *
 * <p>Threads: no state.
 */
public final class Quota {

  /** There is no bound. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The content must not grow. Overwrites that need no more room than before are admitted. */
  public static final long NO_GROWTH = 0;

  /** Nothing is put, whatever its size, as the disk is nearly full. */
  public static final long NO_PUTS = -1;

  /**
   * What an entry takes in addition to the bytes of its key, value and media type: the objects that
   * hold it in memory, as measured in docs/performance.md.
   */
  public static final int OVERHEAD = 232;

  /** What a time to live takes in addition. */
  public static final int EXPIRY_OVERHEAD = 88;

  private Quota() {}

  /** The bytes that an entry counts; 0 for none. The same on every engine and replica. */
  public static long sizeOf(@Nullable Entry entry) {
    return entry == null
        ? 0
        : (long) entry.key().utf8().length
            + entry.value().size()
            + entry.value().contentType().length()
            + OVERHEAD
            + (entry.expires() == null ? 0 : EXPIRY_OVERHEAD);
  }

  /**
   * By how many bytes a change makes the content grow; 0 if it does not.
   *
   * @param before what the change takes the place of
   */
  public static long growth(@Nullable Entry before, Change change) {
    Entry after = change.entry();
    return after == null ? 0 : Math.max(0, sizeOf(after) - sizeOf(before));
  }

  /** What is left of a quota after a change; nothing is given back for what became smaller. */
  static long after(long quota, @Nullable Entry before, Change change) {
    return quota == UNLIMITED || quota < 0 ? quota : Math.max(0, quota - growth(before, change));
  }

  /**
   * Whether a change is admitted. What leaves no entry always is.
   *
   * @param quota what the content may grow by
   * @param before what the change takes the place of
   */
  static boolean admits(long quota, @Nullable Entry before, Change change) {
    return quota == UNLIMITED
        || change.entry() == null
        || (quota >= 0 && growth(before, change) <= quota);
  }
}
