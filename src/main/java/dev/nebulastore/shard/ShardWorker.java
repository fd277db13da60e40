package dev.nebulastore.shard;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

/**
 * Orders and executes the commands of one shard, for one generation: one virtual thread, one
 * bounded mailbox, one store.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="1">Only {@link #run()}, on this worker's thread, touches the store, and nothing it
 *                 does there waits for a disk: entries on disk are fetched ({@link AsyncReads}),
 *                 and their commands are resumed when they have come back. For a transaction the
 *                 worker quiesces ({@link BarrierRequest}): it has submitted its own batch, and
 *                 lends the store meanwhile.
 *   <li value="3">A batch is what has queued up. The worker executes it ({@link CommandProcessor}),
 *                 submits its writes to the engine, which commits and answers them, and does not
 *                 wait for that.
 *   <li value="4">A worker lives once. Whoever replaces it first has the engine fence its store,
 *                 then calls {@link #relinquish}. From then on it can neither write nor answer: the
 *                 store refuses its batches, and the stage of each {@link PendingCommand} its
 *                 answers.
 *   <li value="5">{@link #relinquish} passes on the commands that were not begun, and those decided
 *                 in a batch that the engine has not accepted: fenced, it never will. The one that
 *                 is being executed is answered as unknown. The engine answers what it has
 *                 accepted.
 *   <li value="6">Whatever ends {@link #run()} is reported as its last act.
 * </ol>
 *
 * <p>States: new ──start──▶ working ⇄ parked, working ⇄ quiesced; from any: ──stop──▶ ended, when
 * nothing waits; ──kill, any Throwable──▶ dead; ──relinquish──▶ fenced, which may still run but to
 * no effect.
 *
 * <p>Threads: confined to the worker's own, except the mailbox and the fields whose notes say
 * otherwise.
 */
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
final class ShardWorker implements Runnable {

  private final WorkerContext context;
  private final Mailbox mailbox;
  private final CommandProcessor processor;
  private final Thread thread;

  // Requests for which the worker is to quiesce, and since when it accepts nothing new for them.
  private final List<BarrierRequest> barriers = new ArrayList<>();
  private long pausedSince;

  // Written by the worker, read by all; parked is also reset by whoever wakes it.
  private final WorkerProgress progress = new WorkerProgress();
  private final AtomicBoolean parked = new AtomicBoolean();
  private final Runnable wake = this::wake;
  private volatile boolean finished;

  // Written by others, read by the worker.
  private volatile boolean stopping;

  ShardWorker(WorkerContext context) {
    this.context = context;
    this.mailbox =
        new Mailbox(context.shard(), context.mailboxCapacity(), context.store(), this::unpark);
    this.processor = new CommandProcessor(context, mailbox, progress, wake);
    this.thread =
        context
            .execution()
            .virtualThread(
                "shard-" + context.shard() + "-generation-" + context.generation(), this);
  }

  int shard() {
    return context.shard();
  }

  long generation() {
    return context.generation();
  }

  Mailbox mailbox() {
    return mailbox;
  }

  /** Starts to work, first on what the predecessor left. */
  void start(List<MailboxMessage> fromPredecessor) {
    mailbox.inherit(fromPredecessor);
    thread.start();
  }

  /**
   * Adds a free message to the mailbox; if it is not accepted, it is free again.
   *
   * @param wakeUps runs what wakes the worker, at once or soon, if it is parked
   */
  Mailbox.Offer offer(MailboxMessage message, Executor wakeUps) {
    Mailbox.Offer offer = mailbox.offer(message);
    if (offer == Mailbox.Offer.ACCEPTED && parked.get()) {
      wakeUps.execute(wake);
    }
    return offer;
  }

  /** Ends the worker as a fault would, before its next command. */
  void kill() {
    progress.kill();
    unpark();
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
   * Closes the mailbox for ever and returns what was not executed, in order and in the given stage.
   * The engine must have fenced the store before.
   */
  List<MailboxMessage> relinquish(Stage next) {
    List<MailboxMessage> rest = mailbox.close(next, processor::isAccepted);
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
    return progress.steps();
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      context.listener().serving(shard(), generation());
      work();
      finished = true;
    } catch (Throwable death) {
      cause = death;
    } finally {
      if (cause != null && !mailbox.isClosed()) {
        context.listener().died(shard(), generation(), cause);
      }
    }
  }

  private void work() {
    while (!mailbox.isClosed()) {
      int taken =
          mailbox.take(barriers.isEmpty() ? CurrentBatch.MAX_SIZE : 0, processor::beginBatch);
      progress.step();
      boolean idle = taken == 0 && !processor.hasFetched();
      if (!idle) {
        process(taken);
      }
      if (!barriers.isEmpty()) {
        quiesce(idle);
      } else if (idle) {
        if (stopping && !processor.isFetching()) {
          return;
        }
        park();
      }
    }
  }

  private void process(int taken) {
    Instant now = context.time().instant();
    processor.resume(now);
    for (int i = 0; i < taken; i++) {
      switch (mailbox.current(i)) {
        case PendingCommand call -> processor.process(call, now);
        case BarrierRequest request -> defer(request);
      }
    }
    processor.submit();
  }

  private void defer(BarrierRequest request) {
    if (barriers.isEmpty()) {
      pausedSince = context.execution().nanoTime();
    }
    mailbox.defer(request);
    barriers.add(request);
  }

  /**
   * Quiesces for one request after another. It first decides its own writes that wait for the disk:
   * after a transaction, what was fetched for them would be out of date. It takes nothing new
   * meanwhile.
   */
  private void quiesce(boolean idle) {
    if (processor.hasWaitingWrites() && !barriers.stream().allMatch(BarrierRequest::isOver)) {
      if (idle) {
        park();
      }
      return;
    }
    WorkerStages stages = mailbox.stages;
    for (BarrierRequest request : barriers) {
      if (request.quiesce(stages.queued, stages.quiesced, pausedSince)) {
        while (request.state() == stages.quiesced && !progress.isKilled() && !mailbox.isClosed()) {
          LockSupport.park(request);
          Thread.interrupted();
        }
        pausedSince = context.execution().nanoTime();
      }
      progress.step();
    }
    mailbox.resume(barriers);
    barriers.clear();
  }

  private void park() {
    parked.set(true);
    if ((mailbox.isEmpty() || !barriers.isEmpty())
        && !processor.hasFetched()
        && !mailbox.isClosed()
        && !progress.isKilled()
        && !(stopping && !processor.isFetching())) {
      LockSupport.park(this);
    }
    parked.set(false);
    Thread.interrupted();
  }

  /** Has it look at its state, also while it is quiesced. */
  private void unpark() {
    parked.set(false);
    LockSupport.unpark(thread);
  }

  /** Has it look at its mailbox, if it is idle. */
  private void wake() {
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }
}
