package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.StoreFull;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.shard.Call.Stage;
import dev.nebulastore.storage.ShardStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 *   <li value="1">Only {@link #run()}, on this worker's thread, touches the store.
 *   <li value="3">A batch is what waited: its commands are decided one by one, on top of what the
 *                 earlier ones of the batch will leave; then one commit makes all their changes
 *                 take effect; then the writes are answered. A read is answered as soon as it is
 *                 decided, unless it read what an earlier command of the batch wrote.
 *   <li value="4">A worker lives once. Whoever replaces it first has the engine fence its store,
 *                 then calls {@link #relinquish}. From then on it can neither commit nor answer:
 *                 its commits are refused by the store and its answers by the stage of each {@link
 *                 Call}.
 *   <li value="5">What {@link #relinquish} passes on are the commands not begun, and those decided
 *                 when no commit had begun: fenced, it never will. The one being decided, and all
 *                 those being committed, are answered as unknown.
 *   <li value="6">Whatever ends {@link #run()} is reported as its last act.
 * </ol>
 *
 * <p>States: new ──start──▶ working ⇄ parked; from either: ──stop──▶ ended, when nothing waits;
 * ──kill, any Throwable──▶ dead; ──relinquish──▶ fenced, which may still run but to no effect.
 *
 * <p>Threads: confined to the worker's own, but for the mailbox and the fields whose notes say
 * otherwise.
 */
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
final class ShardWorker implements Runnable {

  /** Where a worker works, and whom it tells of its changes, its beginning and its end. */
  record Post(
      int shard,
      long generation,
      int mailboxCapacity,
      ShardStore store,
      InstantSource time,
      ChangeListener changes,
      Witness witness) {}

  /** Sees a worker begin and end. Called on the worker's thread. */
  interface Witness {
    void serving(ShardWorker worker);

    /** {@code cause} is null after an orderly stop, or if the worker had been replaced before. */
    void ended(ShardWorker worker, @Nullable Throwable cause);
  }

  private final Post post;
  private final Mailbox mailbox;
  private final Thread thread;

  private final List<Call> awaitingCommit = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final Map<Key, @Nullable Entry> pending = new HashMap<>();
  private Revision revision;

  // Written by the worker, read by all; parked is also reset by who wakes it.
  private final AtomicBoolean parked = new AtomicBoolean();
  private final AtomicLong progress = new AtomicLong();
  private volatile boolean committing;

  // Written by others, read by the worker.
  private volatile boolean killed;
  private volatile boolean stopping;

  ShardWorker(Post post) {
    this.post = post;
    this.mailbox = new Mailbox(post.shard(), post.mailboxCapacity());
    this.revision = post.store().revision();
    this.thread =
        Thread.ofVirtual()
            .name("shard-" + post.shard() + "-generation-" + post.generation())
            .unstarted(this);
  }

  int shard() {
    return post.shard();
  }

  long generation() {
    return post.generation();
  }

  /** The stage of calls that wait for this worker. */
  Stage queued() {
    return mailbox.queued;
  }

  /** Begins to work, first on what the predecessor left. */
  void start(List<Call> fromPredecessor) {
    mailbox.inherit(fromPredecessor);
    thread.start();
  }

  /** Puts a free call into the mailbox; if it is not accepted, it is free again. */
  Mailbox.Offer offer(Call call) {
    Mailbox.Offer offer = mailbox.offer(call);
    if (offer == Mailbox.Offer.ACCEPTED) {
      wake();
    }
    return offer;
  }

  /** Ends the worker as a fault would, before its next command. */
  void kill() {
    killed = true;
    wake();
  }

  /** Ends the worker in order, once it has done what waits. */
  void stop() {
    stopping = true;
    wake();
  }

  /** Waits for the thread to end; false if it has not by then. */
  boolean join(Duration atMost) throws InterruptedException {
    return thread.join(atMost);
  }

  /**
   * Closes the mailbox for ever and gives away what was not carried out, in its order and in the
   * given stage. The engine must have fenced the store before.
   */
  List<Call> relinquish(Stage next) {
    List<Call> rest = mailbox.close(next, committing);
    if (!thread.equals(Thread.currentThread())) {
      thread.interrupt();
    }
    return rest;
  }

  int waiting() {
    return mailbox.size();
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

  long entries() {
    return post.store().entries();
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      post.witness().serving(this);
      work();
    } catch (Throwable death) {
      cause = death;
    } finally {
      post.witness().ended(this, mailbox.isClosed() ? null : cause);
    }
  }

  private void work() {
    while (!mailbox.isClosed()) {
      int batch = mailbox.take();
      step();
      if (batch > 0) {
        Instant now = post.time().instant();
        for (int i = 0; i < batch; i++) {
          decide(mailbox.inHand(i), now);
        }
        commit();
      } else if (stopping) {
        return;
      } else {
        park();
      }
    }
  }

  private void park() {
    parked.set(true);
    if (mailbox.isEmpty() && !mailbox.isClosed() && !killed && !stopping) {
      LockSupport.park(this);
    }
    parked.set(false);
    Thread.interrupted();
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

  private void decide(Call call, Instant now) {
    step();
    if (!call.move(mailbox.queued, mailbox.begun)) {
      return;
    }
    if (call.overdue()) {
      call.fail(mailbox.begun, call.deadlineExceeded(shard()));
      return;
    }
    Command command = call.command();
    Key key = command.key();
    boolean overwritten = pending.containsKey(key);
    Entry before = overwritten ? pending.get(key) : post.store().get(key);
    Decision decision = Applier.decide(before, command, revision, now);
    List<Change> made = decision.changes();
    if (made.isEmpty() && !overwritten) {
      call.answer(mailbox.begun, decision.outcome());
      return;
    }
    if (!made.isEmpty()) {
      Change last = made.getLast();
      if (!post.store().reserve(before, last)) {
        call.fail(mailbox.begun, new StoreFull(shard()));
        return;
      }
      changes.addAll(made);
      pending.put(key, last instanceof Change.Put(Entry entry) ? entry : null);
      revision = last.revision();
    }
    if (call.decide(mailbox.begun, mailbox.decided, decision.outcome())) {
      awaitingCommit.add(call);
    }
  }

  private void commit() {
    if (changes.isEmpty()) {
      return;
    }
    committing = true;
    post.store().commit(changes);
    post.changes().committed(shard(), List.copyOf(changes));
    for (Call call : awaitingCommit) {
      call.answerAsDecided(mailbox.decided);
    }
    committing = false;
    awaitingCommit.clear();
    changes.clear();
    pending.clear();
    step();
  }
}
