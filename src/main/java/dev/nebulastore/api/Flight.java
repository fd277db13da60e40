package dev.nebulastore.api;

import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.router.ShardRouter.Pending;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one request that are under way, so that many share a sync, and their answers in
 * the order in which they were begun.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>At most {@value #MAX} are under way, and at most {@value #MAX_BYTES} bytes beside the
 *       first; whoever would be one too many waits for the oldest, and so does one for which there
 *       is no memory. If none is under way, it is refused.
 *   <li>Commands of one key mean what they would one after the other. Writes keep their order by
 *       themselves; a read waits for the writes of its key that are under way, and a write for the
 *       reads.
 *   <li>A full mailbox is waited for, since it may be this very request that fills it: all that is
 *       under way is settled, then it is tried again a few times with growing pauses.
 * </ol>
 *
 * <p>Threads: confined to the request's, which begins each command and awaits it.
 */
final class Flight {

  static final int MAX = 1_000;
  static final long MAX_BYTES = 8 << 20;

  private static final int RETRIES = 6;
  private static final long FIRST_PAUSE_NANOS = 1_000_000;

  /** Is told what became of each command, in their order. */
  interface Arrivals {
    /** There was an outcome. */
    void arrived(Command command, Outcome outcome) throws IOException;

    /** There was a failure. */
    void failed(Exception failure, @Nullable Key key) throws IOException;

    /** The next answer is not there yet. */
    void waits() throws IOException;
  }

  /** A command under way, or why there is none. */
  private record Leg(
      @Nullable Pending pending, @Nullable Exception failure, @Nullable Key key, long bytes) {}

  private final ShardRouter router;
  private final Arrivals arrivals;
  private final Queue<Leg> legs = new ArrayDeque<>();
  private final Map<Key, Integer> reads = new HashMap<>();
  private final Map<Key, Integer> writes = new HashMap<>();
  private final LongPredicate hasRoom;
  private long bytes;

  /**
   * Nothing is under way.
   *
   * @param hasRoom whether it may hold so many bytes
   */
  Flight(ShardRouter router, LongPredicate hasRoom, Arrivals arrivals) {
    this.router = router;
    this.hasRoom = hasRoom;
    this.arrivals = arrivals;
  }

  boolean isEmpty() {
    return legs.isEmpty();
  }

  /**
   * Begins a command behind all others.
   *
   * @param size how many bytes it holds until it is answered
   */
  void begin(Command command, long size) throws IOException {
    Key key = command.key();
    if (!makeRoom(size)) {
      add(new Leg(null, Overloaded.byContent(), key, 0));
      return;
    }
    boolean read = command instanceof Command.Get;
    Map<Key, Integer> others = read ? writes : reads;
    while (others.containsKey(key)) {
      settleOldest();
    }
    try {
      Pending pending = begun(command);
      (read ? reads : writes).merge(key, 1, Integer::sum);
      add(new Leg(pending, null, key, size));
    } catch (KvException failure) {
      add(new Leg(null, failure, key, size));
    }
  }

  /** Has a failure told when its turn comes. */
  void refuse(Exception failure, @Nullable Key key) throws IOException {
    makeRoom(0);
    add(new Leg(null, failure, key, 0));
  }

  /** False if others have too much. */
  private boolean makeRoom(long size) throws IOException {
    while (!legs.isEmpty() && (legs.size() >= MAX || bytes + size > MAX_BYTES)) {
      settleOldest();
    }
    while (!hasRoom.test(bytes + size)) {
      if (legs.isEmpty()) {
        return false;
      }
      settleOldest();
    }
    return true;
  }

  private void add(Leg leg) {
    legs.add(leg);
    bytes += leg.bytes();
  }

  private Pending begun(Command command) throws IOException {
    for (int retry = 0; ; retry++) {
      try {
        return router.begin(command);
      } catch (MailboxFull full) {
        if (retry == RETRIES) {
          throw full;
        }
        settleAll();
        if (retry > 0) {
          LockSupport.parkNanos(this, FIRST_PAUSE_NANOS << retry);
        }
      }
    }
  }

  /** Waits for the answer to the oldest command and tells it; there is one. */
  void settleOldest() throws IOException {
    Leg leg = legs.remove();
    bytes -= leg.bytes();
    Pending pending = leg.pending();
    if (pending == null) {
      tell(leg);
      return;
    }
    if (!pending.isAnswered()) {
      arrivals.waits();
    }
    forget(pending.command());
    Outcome outcome;
    try {
      outcome = pending.await();
    } catch (KvException failure) {
      arrivals.failed(failure, leg.key());
      return;
    }
    arrivals.arrived(pending.command(), outcome);
  }

  private void tell(Leg leg) throws IOException {
    if (leg.failure() != null) {
      arrivals.failed(leg.failure(), leg.key());
    }
  }

  private void forget(Command command) {
    Map<Key, Integer> kind = command instanceof Command.Get ? reads : writes;
    kind.computeIfPresent(command.key(), (key, count) -> count == 1 ? null : count - 1);
  }

  /** Waits for all answers and tells them. */
  void settleAll() throws IOException {
    while (!legs.isEmpty()) {
      settleOldest();
    }
  }

  /** Waits for all that is under way, for nobody but those who count. */
  void abandon() {
    for (Leg leg = legs.poll(); leg != null; leg = legs.poll()) {
      if (leg.pending() != null) {
        try {
          var _ = leg.pending().await();
        } catch (KvException e) {
          // It was counted, and there is nobody to be told.
        }
      }
    }
  }
}
