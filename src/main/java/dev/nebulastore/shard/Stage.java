package dev.nebulastore.shard;

import org.jspecify.annotations.Nullable;

/**
 * A step on the way of a {@link MailboxMessage}. Each worker has stages of its own ({@link
 * WorkerStages}), and stages are compared by identity: whatever a replaced worker tries to do to a
 * message that was passed on fails.
 *
 * <p>Threads: immutable.
 */
final class Stage {

  /** No worker has the message. */
  static final Stage FREE = new Stage(0, false, null, false);

  private final int shard;
  private final boolean begun;
  private final @Nullable QuiescedShard quiesced;
  private final boolean lends;

  private Stage(int shard, boolean begun, @Nullable QuiescedShard quiesced, boolean lends) {
    this.shard = shard;
    this.begun = begun;
    this.quiesced = quiesced;
    this.lends = lends;
  }

  /** The command is being executed, or its outcome waits for a commit. */
  static Stage begun(int shard) {
    return new Stage(shard, true, null, false);
  }

  /** The message waits in the mailbox of a worker, which is to lend this when it is quiesced. */
  static Stage queued(int shard, QuiescedShard quiesced) {
    return new Stage(shard, false, quiesced, false);
  }

  /** The worker is quiesced for the message, and lends this. */
  static Stage quiesced(int shard, QuiescedShard quiesced) {
    return new Stage(shard, false, quiesced, true);
  }

  /** The message was taken from the last worker of a shard. */
  static Stage withdrawn(int shard) {
    return new Stage(shard, false, null, false);
  }

  int shard() {
    return shard;
  }

  /** Whether a command in this stage may have taken effect. */
  boolean begun() {
    return begun;
  }

  /** What the worker lends in this stage; null if it is not quiesced. */
  @Nullable QuiescedShard lent() {
    return lends ? quiesced : null;
  }

  /** Has the worker check the result of a message in this stage. */
  void unparkWorker() {
    if (quiesced != null) {
      quiesced.resume().run();
    }
  }
}
