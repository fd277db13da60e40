package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.shard.Call.Stage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one worker: those that wait, bounded, those that it has set down until their entry
 * has come from the disk, as bounded, and the batch that it has in hand.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Any thread offers; the worker takes a batch; whoever replaces the worker closes the
 *       mailbox, once, and gets every call that was not carried out. No call is lost or handed out
 *       twice: the batch is filled and the mailbox emptied under one lock, and each call moves by
 *       compare-and-set from a stage of this mailbox.
 *   <li>An offer writes the call and then reads {@code closed}; closing writes {@code closed} and
 *       then empties the queue. Both orders are sequentially consistent, so a call is either found
 *       by who closes or taken back by who offered.
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
  final Stage begun;
  final Stage decided;

  private final int shard;
  private final int capacity;
  private final MpscAtomicArrayQueue<Call> waiting;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Queue<Call> inherited = new ArrayDeque<>();

  // In the order in which they were set down, so that the successor begins with the oldest.
  @GuardedBy("lock")
  private final Set<Call> setDown = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final List<Call> takenUp = new ArrayList<>();

  // Filled under the lock; the worker reads it without, since nobody else fills it.
  private final @Nullable Call[] batch = new @Nullable Call[MAX_BATCH];
  private int taken;
  private final MessagePassingQueue.Consumer<Call> taker = call -> batch[taken++] = call;

  private volatile boolean closed;

  Mailbox(int shard, int capacity) {
    this.shard = shard;
    this.capacity = capacity;
    this.queued = new Stage(shard, false);
    this.begun = new Stage(shard, true);
    this.decided = new Stage(shard, true);
    this.waiting = new MpscAtomicArrayQueue<>(Math.max(2, capacity));
  }

  /** By anyone: puts a free call in; if it is not accepted, it is free again. */
  Offer offer(Call call) {
    call.move(Stage.FREE, queued);
    if (closed || !waiting.offerIfBelowThreshold(call, capacity)) {
      call.move(queued, Stage.FREE);
      return closed ? Offer.CLOSED : Offer.FULL;
    }
    return closed && call.move(queued, Stage.FREE) ? Offer.CLOSED : Offer.ACCEPTED;
  }

  /** Before the worker starts: what its predecessor left, to be done first. */
  void inherit(List<Call> calls) {
    lock.lock();
    try {
      inherited.addAll(calls);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the worker: lets go of the last batch and takes the next; answers with its size, maybe 0.
   */
  int take() {
    lock.lock();
    try {
      Arrays.fill(batch, 0, taken, null);
      taken = 0;
      takenUp.forEach(setDown::remove);
      takenUp.clear();
      if (!closed) {
        while (taken < MAX_BATCH && !inherited.isEmpty()) {
          taker.accept(inherited.remove());
        }
        waiting.drain(taker, MAX_BATCH - taken);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: a call of the batch in hand. */
  Call inHand(int index) {
    Call call = batch[index];
    if (call == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return call;
  }

  /**
   * By the worker: keeps a call that was begun and can't go on yet, as one that waits; false if as
   * many are kept as may wait.
   */
  boolean setDown(Call call) {
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

  /** By the worker: calls that were set down are in hand again, until the next batch is taken. */
  void takeUp(List<Call> calls) {
    lock.lock();
    try {
      takenUp.addAll(calls);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By who replaces the worker, when its store is fenced: closes the mailbox for ever and takes out
   * what was not carried out, in order. A call that was decided goes along unless the engine
   * accepted its batch, for then the engine answers; one that is being decided is answered as
   * unknown.
   */
  List<Call> close(Stage next, BooleanSupplier accepted) {
    closed = true;
    List<Call> rest = new ArrayList<>();
    lock.lock();
    try {
      boolean answered = accepted.getAsBoolean();
      for (Call call : setDown) {
        passOn(call, next, answered, rest);
      }
      for (int i = 0; i < taken; i++) {
        passOn(inHand(i), next, answered, rest);
      }
      moveAll(inherited, next, rest);
      moveAll(waiting, next, rest);
    } finally {
      lock.unlock();
    }
    return rest;
  }

  /** The worker may be deciding it at this moment, so it may have moved since it was looked at. */
  private void passOn(Call call, Stage next, boolean answered, List<Call> to) {
    boolean passed =
        call.move(queued, next)
            || (!answered
                && (call.move(decided, next)
                    || (!call.fail(begun, new OutcomeUnknown(shard)) && call.move(decided, next))));
    if (passed) {
      to.add(call);
    }
  }

  private void moveAll(Queue<Call> from, Stage next, List<Call> to) {
    for (Call call = from.poll(); call != null; call = from.poll()) {
      if (call.move(queued, next)) {
        to.add(call);
      }
    }
  }

  boolean isClosed() {
    return closed;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }
}
