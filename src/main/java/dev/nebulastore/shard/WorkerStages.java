package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.OutcomeUnknown;

/**
 * The stages of the messages of one worker, and how a message passes on to its successor.
 *
 * <p>Threads: immutable.
 */
final class WorkerStages {

  /** Waits in the mailbox, or was deferred. */
  final Stage queued;

  /** A {@link BarrierRequest} for which the worker is quiesced. */
  final Stage quiesced;

  /** A {@link PendingCommand} that is being executed. */
  final Stage begun;

  /** A {@link PendingCommand} whose outcome waits for a commit. */
  final Stage decided;

  private final int shard;

  WorkerStages(int shard, QuiescedShard lent) {
    this.shard = shard;
    this.queued = Stage.queued(shard, lent);
    this.quiesced = Stage.quiesced(shard, lent);
    this.begun = Stage.begun(shard);
    this.decided = Stage.begun(shard);
  }

  /**
   * Moves a message to the next stage, from whichever it is in. A command that is being executed
   * fails with {@link OutcomeUnknown} instead. The worker may move the message at the same time.
   *
   * @param accepted whether the engine has accepted the commands that are decided; these stay
   * @return whether it was moved
   */
  boolean passOn(MailboxMessage message, Stage next, boolean accepted) {
    return message.move(queued, next)
        || message.move(quiesced, next)
        || (!accepted
            && (message.move(decided, next)
                || (!message.fail(begun, new OutcomeUnknown(shard))
                    && message.move(decided, next))));
  }
}
