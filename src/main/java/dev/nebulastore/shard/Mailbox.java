package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.shard.Turn.Floor;
import dev.nebulastore.shard.Turn.Stage;
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
 * entry has come from the disk, as bounded, and the batch that it has in hand.
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
  private final MpscAtomicArrayQueue<Turn> waiting;
  private final Queue<Turn> ahead = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Queue<Turn> inherited = new ArrayDeque<>();

  /** Whether calls were handed over that the worker has not taken yet. */
  private volatile boolean handedOver;

  private final Runnable nudge;

  // In the order in which they were set down, so that the successor begins with the oldest.
  @GuardedBy("lock")
  private final Set<Turn> setDown = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final List<Turn> takenUp = new ArrayList<>();

  // Filled under the lock; the worker reads it without, since nobody else fills it.
  private final @Nullable Turn[] batch = new @Nullable Turn[MAX_BATCH + 1];
  private int taken;
  private final MessagePassingQueue.Consumer<Turn> taker = turn -> batch[taken++] = turn;

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
    Floor floor = new Floor(store, this, nudge);
    this.queued = Stage.queued(shard, floor);
    this.standing = Stage.standing(shard, floor);
    this.begun = new Stage(shard, true);
    this.decided = new Stage(shard, true);
    this.waiting = new MpscAtomicArrayQueue<>(Math.max(2, capacity));
  }

  /** By anyone: puts a free turn in; if it is not accepted, it is free again. */
  Offer offer(Turn turn) {
    turn.move(Stage.FREE, queued);
    if (closed || !add(turn)) {
      turn.move(queued, Stage.FREE);
      return closed ? Offer.CLOSED : Offer.FULL;
    }
    return closed && turn.move(queued, Stage.FREE) ? Offer.CLOSED : Offer.ACCEPTED;
  }

  private boolean add(Turn turn) {
    boolean goesAhead = turn instanceof Seat seat && seat.goesAhead();
    return goesAhead ? ahead.add(turn) : waiting.offerIfBelowThreshold(turn, capacity);
  }

  /** Before the worker starts: what its predecessor left, to be done first. */
  void inherit(List<Turn> turns) {
    lock.lock();
    try {
      inherited.addAll(turns);
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
          taker.accept(inherited.remove());
        }
        if (handedOver && inherited.isEmpty()) {
          handedOver = false;
        }
        waiting.drain(taker, limit - taken);
        Turn seat = limit > 0 ? ahead.poll() : null;
        if (seat != null) {
          taker.accept(seat);
        }
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** By the worker: a turn of the batch in hand. */
  Turn inHand(int index) {
    Turn turn = batch[index];
    if (turn == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return turn;
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

  /** By the worker: keeps a seat, of the batch in hand, until it is taken up. */
  void keep(Seat seat) {
    lock.lock();
    try {
      setDown.add(seat);
    } finally {
      lock.unlock();
    }
  }

  /**
   * By the worker: what was set down or kept is in hand again, until the next batch is taken. What
   * has an answer by now is let go.
   */
  void takeUp(List<? extends Turn> turns) {
    lock.lock();
    try {
      for (Turn turn : turns) {
        if (turn instanceof Call call && call.isAnswered()) {
          setDown.remove(turn);
        } else {
          takenUp.add(turn);
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
   * @param accepted whether the engine accepted what the worker has in hand; asked under the lock
   */
  List<Turn> close(Stage next, BooleanSupplier accepted) {
    closed = true;
    lock.lock();
    try {
      // Before anything is taken out: if there is no memory for it, who tries again finds all.
      List<Turn> rest =
          new ArrayList<>(
              setDown.size() + taken + ahead.size() + inherited.size() + waiting.size());
      boolean answered = accepted.getAsBoolean();
      for (Turn turn : setDown) {
        passOn(turn, next, answered, rest);
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
    for (Turn turn = waiting.poll(); turn != null; turn = waiting.poll()) {
      inherited.add(turn);
    }
    for (int i = inherited.size(); i > 0; i--) {
      Turn turn = inherited.remove();
      Mailbox next =
          turn instanceof Call call && call.isWrite()
              ? to.get(home.applyAsInt(call.command().key()))
              : null;
      if (next == null) {
        inherited.add(turn);
      } else if (turn.move(queued, next.queued)) {
        next.receive(turn);
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
  private void receive(Turn turn) {
    inherited.add(turn);
    if (!handedOver) {
      handedOver = true;
      nudge.run();
    }
  }

  /** The worker may be deciding it at this moment, so it may have moved since it was looked at. */
  private void passOn(Turn turn, Stage next, boolean answered, List<Turn> to) {
    boolean passed =
        turn.move(queued, next)
            || turn.move(standing, next)
            || (!answered
                && (turn.move(decided, next)
                    || (!turn.fail(begun, new OutcomeUnknown(shard)) && turn.move(decided, next))));
    if (passed) {
      to.add(turn);
    }
  }

  private void moveAll(Queue<Turn> from, Stage next, List<Turn> to) {
    for (Turn turn = from.poll(); turn != null; turn = from.poll()) {
      if (turn.move(queued, next)) {
        to.add(turn);
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
