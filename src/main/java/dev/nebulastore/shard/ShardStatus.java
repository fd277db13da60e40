package dev.nebulastore.shard;

/**
 * The state of one shard at this moment.
 *
 * @param generation the number of workers it has had, including the present one
 * @param mailbox the number of commands that wait
 * @param capacity the number of commands that may wait
 * @param rejected the number of commands that were refused because the mailbox was full, since the
 *     start
 * @param busy whether there is work that its worker should be doing
 * @param progress a number that the worker increases with each step
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
    /** Its worker is alive. */
    SERVING("serving"),
    /** Its worker died and was not replaced yet. */
    DEAD("dead"),
    /** Its worker died too often: it has none for a while. */
    QUARANTINED("set-aside"),
    /** The server is stopping or has not started, or the shard is being removed. */
    STOPPED("stopped");

    private final String code;

    State(String code) {
      this.code = code;
    }

    /** The name of the state in HTTP and in metrics, which does not change. */
    public String code() {
      return code;
    }
  }
}
