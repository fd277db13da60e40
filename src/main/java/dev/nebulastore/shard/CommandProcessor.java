package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.shard.AsyncReads.Fetched;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Write;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes the commands of one worker: decides each with {@link Applier}, answers reads, and
 * collects writes in a batch for the engine.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="3">Writes are decided one by one, each on top of the earlier ones of its batch
 *                 ({@link BatchOverlay}). The engine commits the batch and answers it, including
 *                 the commands that change nothing: what they saw may not be committed yet, or be
 *                 lost. A read is answered at once from what is committed, so it never sees a write
 *                 that was not acknowledged.
 *   <li value="8">A write of a key that lives elsewhere is not begun.
 *   <li value="9">Commands that are deferred, and writes that are not committed, are each limited
 *                 to the capacity of the mailbox. One more is refused as by a full mailbox.
 * </ol>
 *
 * <p>Threads: confined to the worker's, except {@link #isAccepted}.
 */
final class CommandProcessor {

  private final WorkerContext context;
  private final Mailbox mailbox;
  private final WorkerStages stages;
  private final WorkerProgress progress;
  private final BatchOverlay overlay;
  private final AsyncReads reads;

  // Written by the worker, read by whoever replaces it.
  private volatile ShardBatch batch;

  /**
   * The processor of one worker.
   *
   * @param wake has the worker look at what has come back from the disk
   */
  CommandProcessor(WorkerContext context, Mailbox mailbox, WorkerProgress progress, Runnable wake) {
    this.context = context;
    this.mailbox = mailbox;
    this.stages = mailbox.stages;
    this.progress = progress;
    this.overlay = new BatchOverlay(context.store());
    this.reads = new AsyncReads(context.store(), context.time(), stages.queued, wake);
    this.batch = new ShardBatch(context.shard(), stages.decided, context.changes());
  }

  /** Begins the next batch, as the mailbox releases the messages of the last one. */
  void beginBatch() {
    batch = batch.next();
  }

  /** Whether the engine has accepted the current batch, and so answers its commands. */
  boolean isAccepted() {
    return batch.isAccepted();
  }

  /** Whether something has come back from the disk. */
  boolean hasFetched() {
    return reads.hasResults();
  }

  /** Whether writes wait for the disk. */
  boolean hasWaitingWrites() {
    return reads.hasWrites();
  }

  /** Whether any command waits for the disk. */
  boolean isFetching() {
    return reads.hasOutstanding();
  }

  /** Executes the deferred commands whose entries have come back from the disk. */
  void resume(Instant now) {
    for (Fetched next = reads.next(); next != null; next = reads.next()) {
      mailbox.resume(next.calls());
      for (PendingCommand call : next.calls()) {
        process(call, next.of(call), now);
      }
    }
  }

  /** Executes a command of the current batch. */
  void process(PendingCommand call, Instant now) {
    process(call, null, now);
  }

  /** With what was fetched for the command; null if nothing was. */
  private void process(PendingCommand call, @Nullable Fetched fetched, Instant now) {
    progress.step();
    boolean read = !call.isWrite();
    Key key = call.command().key();
    if (!read && context.placement().get().shardOf(key) != context.shard()) {
      // It was offered after the key had moved: its caller notices that, and withdraws it.
      call.move(stages.queued, Stage.FREE);
    } else if (!mailbox.isClosed() && call.move(stages.queued, stages.begun)) {
      execute(call, read, fetched, now);
    }
  }

  private void execute(PendingCommand call, boolean read, @Nullable Fetched fetched, Instant now) {
    if (call.overdue()) {
      var _ = call.fail(stages.begun, call.deadlineExceeded(context.shard()));
      return;
    }
    if (!read && context.store().isBusy(context.mailboxCapacity())) {
      refuse(call);
      return;
    }
    if (!read && batch.isEmpty()) {
      overlay.begin();
    }
    if (!read && fetched != null) {
      overlay.saw(fetched.losses());
    }
    Lookup found = fetched == null ? null : fetched.found();
    switch (read ? reads.committed(call, found) : reads.latest(call, found, overlay)) {
      case Lookup.Known known -> decide(call, known, now);
      case Lookup.Failed(ShardFailure failure) -> {
        var _ = call.fail(stages.begun, failure);
      }
      case Lookup.OnDisk _ -> fetch(call, read);
    }
  }

  private void decide(PendingCommand call, Lookup.Known before, Instant now) {
    decide(call, before, now, call.isWrite() ? context.store().quota() : Quota.UNLIMITED);
  }

  private void decide(PendingCommand call, Lookup.Known before, Instant now, long quota) {
    switch (Applier.decide(before.entry(), call.command(), overlay.revision(), now, quota)) {
      case Decision.Decided decided -> carryOut(call, before, now, decided);
      case Decision.NoRoom _ -> {
        var _ = call.fail(stages.begun, StoreFull.noRoom(context.shard()));
      }
    }
  }

  private void carryOut(
      PendingCommand call, Lookup.Known before, Instant now, Decision.Decided decision) {
    List<Change> made = decision.changes();
    if (call.needsValueFor(decision.outcome())) {
      execute(call, !call.isWrite(), null, now);
      return;
    }
    if (call.command() instanceof Command.Get) {
      call.answer(stages.begun, decision.outcome());
      return;
    }
    if (!made.isEmpty()) {
      Write write = new Write(before.entry(), made.getLast());
      if (!context.store().reserve(before.entry(), write.change())) {
        // Another shard took the room since.
        decide(call, before, now, Quota.NO_GROWTH);
        return;
      }
      batch.add(write, made);
      overlay.add(write);
    }
    if (call.decide(stages.begun, stages.decided, decision.outcome())) {
      batch.add(call);
    }
  }

  private void fetch(PendingCommand call, boolean read) {
    if (mailbox.defer(call)) {
      reads.add(call, !read);
    } else {
      refuse(call);
    }
  }

  private void refuse(PendingCommand call) {
    context.refused().run();
    var _ =
        call.fail(
            stages.begun,
            new MailboxFull(context.shard(), context.mailboxCapacity(), RetryAfter.SOON));
  }

  /** Submits the batch to the engine, unless it is empty. */
  void submit() {
    if (!batch.isEmpty()) {
      overlay.submit(batch);
    }
    progress.step();
  }
}
