package dev.nebulastore.shard;

/**
 * How one shard is at this moment.
 *
 * @param generation how many workers it has had, the present one included
 * @param mailbox how many commands wait
 * @param capacity how many may wait
 * @param rejected how many commands were refused because the mailbox was full, since the start
 * @param busy whether there is work that its worker should be doing
 * @param progress a number that the worker changes with each step it takes
 */
public record ShardStatus(
    int shard,
    State state,
    long generation,
    int mailbox,
    int capacity,
    long rejected,
    boolean busy,
    long progress) {

  /** What a shard does. */
  public enum State {
    /** Its worker lives. */
    SERVING,
    /** Its worker died and was not replaced yet. */
    DEAD,
    /** It died too often and rests. */
    SET_ASIDE,
    /** The server is stopping or has not started, or the shard is about to leave. */
    STOPPED
  }
}
