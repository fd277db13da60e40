package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.shard.MailboxMessage.QuiescedShard;
import dev.nebulastore.shard.MailboxMessage.Stage;
import dev.nebulastore.storage.ShardStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one worker: those that wait, bounded, the calls that it has set down until their
 * entry has come from the disk, as bounded, and the batch that it has in flight.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Any thread offers; the worker takes a batch; whoever replaces the worker closes the
 *       mailbox, once, and gets every turn that was not carried out. None is lost or handed out
 *       twice: the batch is filled and the mailbox emptied under one lock, and each turn moves by
 *       compare-and-set from a stage of this mailbox. Under the same lock the worker lets go of
 *       what it has handed in: so who closes never takes the last batch, which the engine answers,
 *       for the present one, which nobody would.
 *   <li>An offer writes the turn and then reads {@code closed}; closing writes {@code closed} and
 *       then empties the queue. Both orders are sequentially consistent, so a turn is either found
 *       by who closes or taken back by who offered.
 *   <li>A seat may go ahead of what waits: it is taken at the end of the next batch. There is
 *       always room for it, as keys are handed over by one thread.
 *   <li>Only a hand-over locks more than one mailbox, and there is one hand-over at a time.
 * </ol>
 *
 * <p>Threads: safe for all, as said at each method.
 */
final class Mailbox {

  /** What became of an offer. */
  enum Offer {
    ACCEPTED,
    FULL,
    /** The worker was replaced: another one has the shard, or nobody. */
    CLOSED
  }

  /** How many calls share a commit at most. */
  static final int MAX_BATCH = 256;

  final Stage queued;
  final Stage standing;
  final Stage begun;
  final Stage decided;

  private final int shard;
  private final int capacity;
  private final MpscAtomicArrayQueue<MailboxMessage> waiting;
  private final Queue<MailboxMessage> ahead = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Queue<MailboxMessage> inherited = new ArrayDeque<>();

  /** Whether calls were handed over that the worker has not taken yet. */
  private volatile boolean handedOver;

  private final Runnable nudge;

  // In the order in which they were set down, so that the successor begins with the oldest.
  @GuardedBy("lock")
  private final Set<MailboxMessage> setDown = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final List<MailboxMessage> takenUp = new ArrayList<>();

  // Filled under the lock; the worker reads it without, since nobody else fills it.
  private final @Nullable MailboxMessage[] batch = new @Nullable MailboxMessage[MAX_BATCH + 1];
  private int taken;
  private final MessagePassingQueue.Consumer<MailboxMessage> collector =
      message -> batch[taken++] = message;

  private volatile boolean closed;

  /**
   * Of a worker that may lend its floor.
   *
   * @param store the worker's
   * @param nudge has the worker see whether it may go on
   */
  Mailbox(int shard, int capacity, ShardStore store, Runnable nudge) {
    this.shard = shard;
    this.capacity = capacity;
    this.nudge = nudge;
    QuiescedShard floor = new QuiescedShard(store, this, nudge);
    this.queued = Stage.queued(shard, floor);
    this.standing = Stage.standing(shard, floor);
    this.begun = new Stage(shard, true);
    this.decided = new Stage(shard, true);
    this.waiting = new MpscAtomicArrayQueue<>(Math.max(2, capacity));
  }

  /** By anyone: puts a free turn in; if it is not accepted, it is free again. */
  Offer offer(MailboxMessage message) {
    message.move(Stage.FREE, queued);
    if (closed || !add(message)) {
      message.move(queued, Stage.FREE);
      return closed ? Offer.CLOSED : Offer.FULL;
    }
    return closed && message.move(queued, Stage.FREE) ? Offer.CLOSED : Offer.ACCEPTED;
  }

  private boolean add(MailboxMessage message) {
    boolean goesAhead = message instanceof BarrierRequest request && request.goesAhead();
    return goesAhead ? ahead.add(message) : waiting.offerIfBelowThreshold(message, capacity);
  }

  /** Before the worker starts: what its predecessor left, to be done first. */
  void inherit(List<MailboxMessage> messages) {
    lock.lock();
    try {
      inherited.addAll(messages);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the worker: lets go of the last batch and takes the next; answers with its size, maybe 0.
   *
   * @param limit how many at most, up to {@link #MAX_BATCH}; if any, one more that goes ahead
   * @param letGo has {@link #close} ask about the next batch from now on; must return at once
   */
  int take(int limit, Runnable letGo) {
    lock.lock();
    try {
      letGo.run();
      Arrays.fill(batch, 0, taken, null);
      taken = 0;
      takenUp.forEach(setDown::remove);
      takenUp.clear();
      if (!closed) {
        while (taken < limit && !inherited.isEmpty()) {
          collector.accept(inherited.remove());
        }
        if (handedOver && inherited.isEmpty()) {
          handedOver = false;
        }
        waiting.drain(collector, limit - taken);
        MailboxMessage request = limit > 0 ? ahead.poll() : null;
        if (request != null) {
          collector.accept(request);
        }
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: a turn of the current batch. */
  MailboxMessage inHand(int index) {
    MailboxMessage message = batch[index];
    if (message == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return message;
  }

  /**
   * By the worker: keeps a call that was begun and can't go on yet, as one that waits; false if as
   * many are kept as may wait.
   */
  boolean setDown(PendingCommand call) {
    lock.lock();
    try {
      if (setDown.size() >= capacity) {
        return false;
      }
      if (call.move(begun, queued)) {
        setDown.add(call);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: keeps a seat, of the current batch, until it is taken up. */
  void keep(BarrierRequest request) {
    lock.lock();
    try {
      setDown.add(request);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the worker: what was set down or kept is in flight again, until the next batch is taken.
   * What has an answer by now is let go.
   */
  void takeUp(List<? extends MailboxMessage> messages) {
    lock.lock();
    try {
      for (MailboxMessage message : messages) {
        if (message instanceof PendingCommand call && call.isAnswered()) {
          setDown.remove(message);
        } else {
          takenUp.add(message);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * By who replaces the worker, when its store is fenced: closes the mailbox for ever and takes out
   * what was not carried out, in order. A call that was decided goes along unless the engine
   * accepted its batch, for then the engine answers; one that is being decided is answered as
   * unknown.
   *
   * @param accepted whether the engine accepted what the worker has in flight; asked under the lock
   */
  List<MailboxMessage> close(Stage next, BooleanSupplier accepted) {
    closed = true;
    lock.lock();
    try {
      // Before anything is taken out: if there is no memory for it, who tries again finds all.
      List<MailboxMessage> rest =
          new ArrayList<>(
              setDown.size() + taken + ahead.size() + inherited.size() + waiting.size());
      boolean answered = accepted.getAsBoolean();
      for (MailboxMessage message : setDown) {
        passOn(message, next, answered, rest);
      }
      for (int i = 0; i < taken; i++) {
        passOn(inHand(i), next, answered, rest);
      }
      moveAll(ahead, next, rest);
      moveAll(inherited, next, rest);
      moveAll(waiting, next, rest);
      return rest;
    } finally {
      lock.unlock();
    }
  }

  /**
   * By who has this worker at a stand: changes where keys live, and hands the writes that move over
   * to others, in order and ahead of all that comes there later. Does nothing if one was closed:
   * false.
   *
   * <p>The change comes first: a call that is offered after the look through the queue is offered
   * after the change, so that its caller sees it. No other worker takes a batch between the two.
   *
   * @param to the mailboxes of the shards that take keys, by shard
   * @param home where a key lives after the change
   */
  boolean handOver(Map<Integer, Mailbox> to, ToIntFunction<Key> home, Runnable place) {
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

  /** By a hand-over: none is closed, and no batch taken, until {@link #release}. */
  private void seize() {
    lock.lock();
  }

  private void release() {
    lock.unlock();
  }

  /** By a hand-over, which has seized it. */
  @SuppressWarnings("GuardedBy")
  private void receive(MailboxMessage message) {
    inherited.add(message);
    if (!handedOver) {
      handedOver = true;
      nudge.run();
    }
  }

  /** The worker may be deciding it at this moment, so it may have moved since it was looked at. */
  private void passOn(
      MailboxMessage message, Stage next, boolean answered, List<MailboxMessage> to) {
    boolean passed =
        message.move(queued, next)
            || message.move(standing, next)
            || (!answered
                && (message.move(decided, next)
                    || (!message.fail(begun, new OutcomeUnknown(shard))
                        && message.move(decided, next))));
    if (passed) {
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

  boolean isClosed() {
    return closed;
  }

  boolean isEmpty() {
    return waiting.isEmpty() && ahead.isEmpty() && !handedOver;
  }

  int size() {
    return waiting.size() + ahead.size();
  }
}
