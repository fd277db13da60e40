package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.shard.AsyncReads.Fetched;
import dev.nebulastore.shard.MailboxMessage.Stage;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

/**
 * Orders and carries out the commands of one shard, for one generation: one virtual thread, one
 * bounded mailbox, one store.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">Only {@link #run()}, on this worker's thread, touches the store, and nothing that
 *                 it does there waits for a disk: what needs one is fetched ({@link AsyncReads})
 *                 and taken up again when it has come. For a transaction the worker is quiesced
 *                 ({@link BarrierRequest}), with its own batch handed in, and lends the store
 *                 meanwhile.
 *   <li value="3">A batch is what waited: its writes are decided one by one, each on top of what
 *                 the earlier ones will leave, and then handed to the engine, which settles them
 *                 and answers: also those that change nothing, since what they saw may not be
 *                 committed yet, or be lost. The worker does not wait for that. A read is answered
 *                 at once from what is committed: a write that nobody was told of is no part of it;
 *                 so whoever fetched it may answer it, too ({@link AsyncReads}).
 *   <li value="4">A worker lives once. Whoever replaces it first has the engine fence its store,
 *                 then calls {@link #relinquish}. From then on it can neither write nor answer: its
 *                 batches are refused by the store and its answers by the stage of each {@link
 *                 PendingCommand}.
 *   <li value="5">What {@link #relinquish} passes on are the commands not begun, and those decided
 *                 in a batch that the engine has not accepted: fenced, it never will. The one being
 *                 decided is answered as unknown; what is accepted, the engine answers.
 *   <li value="6">Whatever ends {@link #run()} is reported as its last act.
 *   <li value="8">A write whose key lives elsewhere is not begun.
 *   <li value="9">Commands that were set down, and writes that are not settled, are each at most as
 *                 many as may wait; one more is refused as by a full mailbox.
 * </ol>
 *
 * <p>States: new ──start──▶ working ⇄ parked, working ⇄ quiesced; from any: ──stop──▶ ended, when
 * nothing waits; ──kill, any Throwable──▶ dead; ──relinquish──▶ fenced, which may still run but to
 * no effect.
 *
 * <p>Threads: confined to the worker's own, but for the mailbox and the fields whose notes say
 * otherwise.
 */
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
final class ShardWorker implements Runnable {

  private final WorkerContext context;
  private final Mailbox mailbox;
  private final Thread thread;

  private final BatchOverlay overlay;
  private final AsyncReads reads;
  private final List<BarrierRequest> requests = new ArrayList<>();

  // Since when nothing new is taken, for the sake of those seats.
  private long haltedAt;

  // Written by the worker, read by all; parked is also reset by who wakes it.
  private final AtomicBoolean parked = new AtomicBoolean();
  private final AtomicLong progress = new AtomicLong();
  private volatile ShardBatch batch;
  private volatile boolean finished;

  // Written by others, read by the worker.
  private volatile boolean killed;
  private volatile boolean stopping;

  ShardWorker(WorkerContext context) {
    this.context = context;
    this.mailbox =
        new Mailbox(context.shard(), context.mailboxCapacity(), context.store(), this::nudge);
    this.overlay = new BatchOverlay(context.store());
    this.batch = new ShardBatch(context.shard(), mailbox.decided, context.changes());
    this.reads = new AsyncReads(context.store(), context.time(), mailbox.queued, this::wake);
    this.thread =
        context
            .execution()
            .worker("shard-" + context.shard() + "-generation-" + context.generation(), this);
  }

  int shard() {
    return context.shard();
  }

  long generation() {
    return context.generation();
  }

  /** What waits for this worker. */
  Mailbox mailbox() {
    return mailbox;
  }

  /** Begins to work, first on what the predecessor left. */
  void start(List<MailboxMessage> fromPredecessor) {
    mailbox.inherit(fromPredecessor);
    thread.start();
  }

  /** Puts a free turn into the mailbox; if it is not accepted, it is free again. */
  Mailbox.Offer offer(MailboxMessage message) {
    Mailbox.Offer offer = mailbox.offer(message);
    if (offer == Mailbox.Offer.ACCEPTED) {
      wake();
    }
    return offer;
  }

  /** Ends the worker as a fault would, before its next command. */
  void kill() {
    killed = true;
    nudge();
  }

  /** Ends the worker in order, once it has done what waits. */
  void stop() {
    stopping = true;
    wake();
  }

  /** Waits for the thread to end. */
  void join(Duration atMost) throws InterruptedException {
    var _ = thread.join(atMost);
  }

  /**
   * Closes the mailbox for ever and gives away what was not carried out, in its order and in the
   * given stage. The engine must have fenced the store before.
   */
  List<MailboxMessage> relinquish(Stage next) {
    List<MailboxMessage> rest = mailbox.close(next, () -> batch.isAccepted());
    if (!thread.equals(Thread.currentThread())) {
      thread.interrupt();
    }
    return rest;
  }

  int waiting() {
    return mailbox.size();
  }

  /** Whether it has ended in order. */
  boolean finished() {
    return finished;
  }

  boolean alive() {
    return thread.isAlive();
  }

  /** Whether there is work that it should be doing: a parked worker has none, unless some waits. */
  boolean busy() {
    return !parked.get() || !mailbox.isEmpty();
  }

  long progress() {
    return progress.get();
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      context.witness().serving(this);
      work();
      finished = true;
    } catch (Throwable death) {
      cause = death;
    } finally {
      context.witness().ended(this, mailbox.isClosed() ? null : cause);
    }
  }

  private void work() {
    while (!mailbox.isClosed()) {
      int taken = mailbox.take(requests.isEmpty() ? Mailbox.MAX_BATCH : 0, this::beginBatch);
      step();
      boolean idle = taken == 0 && !reads.anyCame();
      if (!idle) {
        decide(taken);
      }
      if (!requests.isEmpty()) {
        attendSeats(idle);
      } else if (idle) {
        if (stopping && !reads.anyOutstanding()) {
          return;
        }
        park();
      }
    }
  }

  /** What has come from the disk, and the current batch. */
  private void decide(int taken) {
    Instant now = context.time().instant();
    for (Fetched next = reads.next(); next != null; next = reads.next()) {
      resume(next, now);
    }
    for (int i = 0; i < taken; i++) {
      switch (mailbox.inHand(i)) {
        case PendingCommand call -> handle(call, null, now);
        case BarrierRequest request -> keep(request);
      }
    }
    submit();
  }

  private void keep(BarrierRequest request) {
    if (requests.isEmpty()) {
      haltedAt = context.execution().nanoTime();
    }
    mailbox.keep(request);
    requests.add(request);
  }

  /**
   * Stands still for one transaction after another. Not before its own writes are decided: what was
   * fetched for them would be out of date. Nothing new is taken meanwhile.
   */
  private void attendSeats(boolean idle) {
    if (reads.anyWrites() && !requests.stream().allMatch(BarrierRequest::isOver)) {
      if (idle) {
        park();
      }
      return;
    }
    for (BarrierRequest request : requests) {
      if (request.stand(mailbox.queued, mailbox.standing, haltedAt)) {
        while (request.state() == mailbox.standing && !killed && !mailbox.isClosed()) {
          LockSupport.park(request);
          Thread.interrupted();
        }
        haltedAt = context.execution().nanoTime();
      }
      step();
    }
    mailbox.takeUp(requests);
    requests.clear();
  }

  private void park() {
    parked.set(true);
    if ((mailbox.isEmpty() || !requests.isEmpty())
        && !reads.anyCame()
        && !mailbox.isClosed()
        && !killed
        && !(stopping && !reads.anyOutstanding())) {
      LockSupport.park(this);
    }
    parked.set(false);
    Thread.interrupted();
  }

  /** Has it look round, also where it is quiesced for a transaction. */
  private void nudge() {
    parked.set(false);
    LockSupport.unpark(thread);
  }

  private void wake() {
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Marks progress, and dies if that was asked for. */
  private void step() {
    progress.setOpaque(progress.getPlain() + 1);
    if (killed) {
      throw new ShardWorkers.Killed();
    }
  }

  /** As the mailbox lets go of the calls of the last one: see {@link #relinquish}. */
  private void beginBatch() {
    batch = batch.next();
  }

  private void resume(Fetched fetched, Instant now) {
    mailbox.takeUp(fetched.calls());
    for (PendingCommand call : fetched.calls()) {
      handle(call, fetched.of(call), now);
    }
  }

  /** With what was fetched for the call, or null if nothing was. */
  private void handle(PendingCommand call, @Nullable Fetched fetched, Instant now) {
    step();
    boolean read = !call.isWrite();
    Key key = call.command().key();
    if (!read && context.placement().get().shardOf(key) != shard()) {
      // It came after the key was handed over: its caller sees that, and takes it from here.
      call.move(mailbox.queued, Stage.FREE);
    } else if (!mailbox.isClosed() && call.move(mailbox.queued, mailbox.begun)) {
      carryOut(call, read, fetched, now);
    }
  }

  private void carryOut(PendingCommand call, boolean read, @Nullable Fetched fetched, Instant now) {
    if (call.overdue()) {
      var _ = call.fail(mailbox.begun, call.deadlineExceeded(shard()));
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
        var _ = call.fail(mailbox.begun, failure);
      }
      case Lookup.OnDisk _ -> fetch(call, read);
    }
  }

  private void decide(PendingCommand call, Lookup.Known before, Instant now) {
    Decision decision = Applier.decide(before.entry(), call.command(), overlay.revision(), now);
    List<Change> made = decision.changes();
    if (call.needsValueFor(decision.outcome())) {
      carryOut(call, !call.isWrite(), null, now);
      return;
    }
    if (call.command() instanceof Command.Get) {
      call.answer(mailbox.begun, decision.outcome());
      return;
    }
    if (!made.isEmpty()) {
      Write write = new Write(before.entry(), made.getLast());
      if (!context.store().reserve(before.entry(), write.change())) {
        var _ = call.fail(mailbox.begun, StoreFull.noRoom(shard()));
        return;
      }
      batch.add(write, made);
      overlay.add(write);
    }
    if (call.decide(mailbox.begun, mailbox.decided, decision.outcome())) {
      batch.add(call);
    }
  }

  private void fetch(PendingCommand call, boolean read) {
    if (mailbox.setDown(call)) {
      reads.add(call, !read);
    } else {
      refuse(call);
    }
  }

  private void refuse(PendingCommand call) {
    context.refused().run();
    var _ =
        call.fail(
            mailbox.begun,
            new MailboxFull(shard(), context.mailboxCapacity(), ShardWorkers.RETRY_SOON));
  }

  private void submit() {
    if (!batch.isEmpty()) {
      overlay.submit(batch);
    }
    step();
  }
}
