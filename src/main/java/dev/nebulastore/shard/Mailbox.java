package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.ShardStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * The messages of one worker: a bounded queue of those that wait, those that the worker has
 * deferred, bounded too, and the current batch.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Any thread offers; the worker takes a batch; whoever replaces the worker closes the
 *       mailbox, once, and gets every message that was not executed. None is lost or passed on
 *       twice: the batch is filled and the mailbox is emptied under one lock, and each message
 *       moves by compare-and-set from a stage of this mailbox. Under the same lock the worker
 *       releases the batch that it has submitted: so {@link #close} never mistakes the last batch,
 *       which the engine answers, for the current one, which nobody would.
 *   <li>An offer adds the message and then reads {@code closed}; closing writes {@code closed} and
 *       then empties the queue. Both orders are sequentially consistent, so a message is either
 *       found by {@link #close} or withdrawn by the thread that offered it.
 *   <li>An urgent barrier request overtakes the queue: it is taken at the end of the next batch.
 *       There is always room for it, since one thread at a time hands keys off.
 *   <li>Only a handoff locks more than one mailbox, and there is one handoff at a time.
 * </ol>
 *
 * <p>Threads: safe for all, as said at each method.
 */
final class Mailbox {

  /** The result of an offer. */
  enum Offer {
    ACCEPTED,
    FULL,
    /** The worker was replaced: the shard has another one, or none. */
    CLOSED
  }

  final WorkerStages stages;

  private final int capacity;
  private final Stage queued;
  private final QuiescedShard lent;
  private final MpscAtomicArrayQueue<MailboxMessage> waiting;
  private final Queue<MailboxMessage> urgent = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Queue<MailboxMessage> inherited = new ArrayDeque<>();

  /** Whether messages were handed off to this mailbox that the worker has not taken yet. */
  private volatile boolean received;

  @GuardedBy("lock")
  private final DeferredMessages deferred = new DeferredMessages();

  // Changed under the lock; the worker reads it without, since nobody else changes it.
  private final CurrentBatch batch = new CurrentBatch();

  private volatile boolean closed;

  /**
   * The mailbox of a worker.
   *
   * @param store the worker's, which it lends when it is quiesced
   * @param unparkWorker has the worker look at its mailbox, also while it is quiesced
   */
  Mailbox(int shard, int capacity, ShardStore store, Runnable unparkWorker) {
    this.capacity = capacity;
    this.lent = new QuiescedShard(store, unparkWorker);
    this.stages = new WorkerStages(shard, lent);
    this.queued = stages.queued;
    this.waiting = new MpscAtomicArrayQueue<>(Math.max(2, capacity));
  }

  /** By any thread: adds a free message; if it is not accepted, it is free again. */
  Offer offer(MailboxMessage message) {
    message.move(Stage.FREE, queued);
    if (closed || !add(message)) {
      message.move(queued, Stage.FREE);
      return closed ? Offer.CLOSED : Offer.FULL;
    }
    return closed && message.move(queued, Stage.FREE) ? Offer.CLOSED : Offer.ACCEPTED;
  }

  private boolean add(MailboxMessage message) {
    boolean isUrgent = message instanceof BarrierRequest request && request.isUrgent();
    return isUrgent ? urgent.add(message) : waiting.offerIfBelowThreshold(message, capacity);
  }

  /** Before the worker starts: adds what its predecessor left, which is executed first. */
  void inherit(List<MailboxMessage> messages) {
    lock.lock();
    try {
      inherited.addAll(messages);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the worker: ends the current batch and takes the next one. Returns its size, which may be 0.
   *
   * @param limit how many messages at most, up to {@link CurrentBatch#MAX_SIZE}; unless it is 0, an
   *     urgent one is taken in addition
   * @param release has {@link #close} ask about the next batch from now on; must return at once
   */
  int take(int limit, Runnable release) {
    lock.lock();
    try {
      release.run();
      batch.clear();
      deferred.removeResumed();
      if (!closed) {
        while (batch.size() < limit && !inherited.isEmpty()) {
          batch.accept(inherited.remove());
        }
        if (received && inherited.isEmpty()) {
          received = false;
        }
        waiting.drain(batch, limit - batch.size());
        MailboxMessage request = limit > 0 ? urgent.poll() : null;
        if (request != null) {
          batch.accept(request);
        }
      }
      return batch.size();
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: a message of the current batch. */
  MailboxMessage current(int index) {
    return batch.get(index);
  }

  /**
   * By the worker: keeps a command that it has begun and can't continue yet, as one that waits.
   * Returns false if as many are deferred as may wait.
   */
  boolean defer(PendingCommand call) {
    lock.lock();
    try {
      if (deferred.size() >= capacity) {
        return false;
      }
      if (call.move(stages.begun, queued)) {
        deferred.add(call);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: keeps a barrier request of the current batch until it is resumed. */
  void defer(BarrierRequest request) {
    lock.lock();
    try {
      deferred.add(request);
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: makes deferred messages part of the current batch. */
  void resume(List<? extends MailboxMessage> messages) {
    lock.lock();
    try {
      deferred.resume(messages);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By whoever replaces the worker, when its store is fenced: closes the mailbox for ever and
   * returns what was not executed, in order. A command that is decided is included unless the
   * engine has accepted its batch, for then the engine answers it. The one that is being executed
   * is answered as unknown.
   *
   * @param accepted whether the engine has accepted the current batch; asked under the lock
   */
  List<MailboxMessage> close(Stage next, BooleanSupplier accepted) {
    closed = true;
    lock.lock();
    try {
      // Allocated before anything is removed: if there is no memory, the next try finds all of it.
      List<MailboxMessage> rest =
          new ArrayList<>(
              deferred.size() + batch.size() + urgent.size() + inherited.size() + waiting.size());
      boolean answered = accepted.getAsBoolean();
      deferred.forEach(message -> passOn(message, next, answered, rest));
      for (int i = 0; i < batch.size(); i++) {
        passOn(batch.get(i), next, answered, rest);
      }
      moveAll(urgent, next, rest);
      moveAll(inherited, next, rest);
      moveAll(waiting, next, rest);
      return rest;
    } finally {
      lock.unlock();
    }
  }

  private void passOn(
      MailboxMessage message, Stage next, boolean accepted, List<MailboxMessage> to) {
    if (stages.passOn(message, next, accepted)) {
      to.add(message);
    }
  }

  private void moveAll(Queue<MailboxMessage> from, Stage next, List<MailboxMessage> to) {
    for (MailboxMessage message = from.poll(); message != null; message = from.poll()) {
      if (message.move(queued, next)) {
        to.add(message);
      }
    }
  }

  /**
   * By the {@link KeyHandoff} for which the worker is quiesced: changes the placement and hands the
   * writes of keys that move off to their new shards, in order and ahead of whatever is offered
   * there later. Returns false, and does nothing, if one of the mailboxes is closed.
   *
   * <p>The placement changes first: a command that is offered after the queue was searched is
   * offered after the change, so its caller notices the change. No other worker takes a batch
   * between the two.
   *
   * @param to the mailboxes of the target shards, by shard
   * @param home the shard of a key after the change
   * @param place changes the placement; must return at once
   */
  boolean handOff(Map<Integer, Mailbox> to, ToIntFunction<Key> home, Runnable place) {
    lock.lock();
    try {
      to.values().forEach(Mailbox::seize);
      try {
        if (closed || to.values().stream().anyMatch(Mailbox::isClosed)) {
          return false;
        }
        place.run();
        moveTo(to, home);
        return true;
      } finally {
        to.values().forEach(Mailbox::release);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void moveTo(Map<Integer, Mailbox> to, ToIntFunction<Key> home) {
    for (MailboxMessage message = waiting.poll(); message != null; message = waiting.poll()) {
      inherited.add(message);
    }
    for (int i = inherited.size(); i > 0; i--) {
      MailboxMessage message = inherited.remove();
      Mailbox next =
          message instanceof PendingCommand call && call.isWrite()
              ? to.get(home.applyAsInt(call.command().key()))
              : null;
      if (next == null) {
        inherited.add(message);
      } else if (message.move(queued, next.queued)) {
        next.receive(message);
      }
    }
  }

  /** By a handoff: nobody closes it, or takes a batch, until {@link #release}. */
  private void seize() {
    lock.lock();
  }

  private void release() {
    lock.unlock();
  }

  /** By a handoff, which has seized it. */
  @SuppressWarnings("GuardedBy")
  private void receive(MailboxMessage message) {
    inherited.add(message);
    if (!received) {
      received = true;
      lent.resume().run();
    }
  }

  /** Whether this is what the worker lends. */
  boolean lends(QuiescedShard quiesced) {
    return lent.equals(quiesced);
  }

  boolean isClosed() {
    return closed;
  }

  boolean isEmpty() {
    return waiting.isEmpty() && urgent.isEmpty() && !received;
  }

  int size() {
    return waiting.size() + urgent.size();
  }
}
