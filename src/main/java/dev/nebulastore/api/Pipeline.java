package dev.nebulastore.api;

import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.router.Keyspace.Pending;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one request that are under way, so that many share a sync, and their answers in
 * the order in which they were begun.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>At most {@value #MAX} are under way, {@value #MAX_READS} of them reads, and at most {@value
 *       #MAX_BYTES} bytes beside the first; whoever would be one too many waits for the oldest, and
 *       so does one for which there is no memory. If none is under way, it is refused.
 *   <li>Writes share a sync, so that many at a time are cheaper. Reads share nothing, and more of
 *       them would only have the requests of others wait behind them.
 *   <li>Commands of one key mean what they would one after the other. Writes keep their order by
 *       themselves; a read waits for the writes of its key that are under way, and a write for the
 *       reads.
 *   <li>A large value that is read is counted before, in a share of its own, until its answer is
 *       told. If there is no memory for it, it is read when all before it are told, and what was
 *       read behind it is dropped and read again in its turn; if that does not do, it is refused.
 *   <li>A full mailbox is waited for, since it may be this very request that fills it: all that is
 *       under way is settled, then it is tried again a few times with growing pauses.
 * </ol>
 *
 * <p>Threads: confined to the request's, which begins each command and awaits it.
 */
final class Pipeline {

  static final int MAX = 1_000;
  static final int MAX_READS = 16;
  static final long MAX_BYTES = 8 << 20;

  private static final int RETRIES = 6;
  private static final long FIRST_PAUSE_NANOS = 1_000_000;

  /** Is told what became of each command, in their order. */
  interface ArrivalListener {
    /** There was an outcome. */
    void arrived(Command command, Outcome outcome) throws IOException;

    /** There was a failure. */
    void failed(Exception failure, @Nullable Key key) throws IOException;

    /** The next answer is not there yet. */
    void waits() throws IOException;
  }

  /** A command under way, or why there is none. */
  private static final class PipelinedOperation {
    private final @Nullable Exception failure;
    private final @Nullable Key key;
    private final @Nullable Share share;
    private final long bytes;

    // Null also where it was dropped, and is to be begun again.
    private @Nullable Pending pending;
    private @Nullable Command dropped;

    PipelinedOperation(
        @Nullable Pending pending,
        @Nullable Exception failure,
        @Nullable Key key,
        @Nullable Share share,
        long bytes) {
      this.pending = pending;
      this.failure = failure;
      this.key = key;
      this.share = share;
      this.bytes = bytes;
    }

    /** Lets go of a value that was read, to be read again. */
    void drop() {
      if (share != null && pending != null && pending.isAnswered() && isRead(pending.command())) {
        dropped = pending.command();
        pending = null;
        share.close();
      }
    }

    void close() {
      if (share != null) {
        share.close();
      }
    }
  }

  private final Keyspace keyspace;
  private final ArrivalListener arrivals;
  private final Queue<PipelinedOperation> legs = new ArrayDeque<>();
  private final Map<Key, Integer> reads = new HashMap<>();
  private final Map<Key, Integer> writes = new HashMap<>();
  private final LongPredicate hasRoom;
  private final @Nullable Supplier<Share> shares;
  private long bytes;
  private int readsUnderWay;

  /**
   * Nothing is under way.
   *
   * @param hasRoom whether it may hold so many bytes
   * @param shares makes shares of the memory for values that are read
   */
  Pipeline(
      Keyspace keyspace,
      LongPredicate hasRoom,
      @Nullable Supplier<Share> shares,
      ArrivalListener arrivals) {
    this.keyspace = keyspace;
    this.hasRoom = hasRoom;
    this.shares = shares;
    this.arrivals = arrivals;
  }

  /** For commands that neither bring nor read values. */
  Pipeline(Keyspace keyspace, ArrivalListener arrivals) {
    this(keyspace, _ -> true, null, arrivals);
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
      add(new PipelinedOperation(null, Overloaded.byContent(), key, null, 0));
      return;
    }
    boolean read = isRead(command);
    Map<Key, Integer> others = read ? writes : reads;
    while (others.containsKey(key) || (read && readsUnderWay >= MAX_READS)) {
      settleOldest();
    }
    Share share = reading(command);
    try {
      Pending pending = begun(command, share);
      (read ? reads : writes).merge(key, 1, Integer::sum);
      readsUnderWay += read ? 1 : 0;
      add(new PipelinedOperation(pending, null, key, share, size));
    } catch (KvException failure) {
      add(new PipelinedOperation(null, failure, key, share, size));
    }
  }

  /** A share for what a command may have to read. */
  private @Nullable Share reading(Command command) {
    boolean mayRead = isRead(command) || command instanceof Command.Touch;
    return mayRead && shares != null ? shares.get() : null;
  }

  private static boolean isRead(Command command) {
    return command instanceof Command.Get;
  }

  private static ContentBudget budget(@Nullable Share share) {
    return share == null ? ContentBudget.UNLIMITED : new ShareBudget(share);
  }

  /** Has a failure told when its turn comes. */
  void refuse(Exception failure, @Nullable Key key) throws IOException {
    makeRoom(0);
    add(new PipelinedOperation(null, failure, key, null, 0));
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

  private void add(PipelinedOperation leg) {
    legs.add(leg);
    bytes += leg.bytes;
  }

  private Pending begun(Command command, @Nullable Share share) throws IOException {
    for (int retry = 0; ; retry++) {
      try {
        return keyspace.begin(command, budget(share));
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
    PipelinedOperation leg = legs.remove();
    bytes -= leg.bytes;
    try {
      settle(leg);
    } finally {
      leg.close();
    }
  }

  private void settle(PipelinedOperation leg) throws IOException {
    Pending pending = leg.pending;
    if (leg.failure != null) {
      arrivals.failed(leg.failure, leg.key);
    } else if (leg.dropped != null) {
      forget(leg.dropped);
      readAgain(leg.dropped);
    } else if (pending != null) {
      if (!pending.isAnswered()) {
        arrivals.waits();
      }
      forget(pending.command());
      Outcome outcome;
      try {
        outcome = pending.await();
      } catch (KvException failure) {
        if (failure instanceof NoMemory && isRead(pending.command())) {
          legs.forEach(PipelinedOperation::drop);
          readAgain(pending.command());
          return;
        }
        arrivals.failed(failure, leg.key);
        return;
      }
      arrivals.arrived(pending.command(), outcome);
    }
  }

  /** As the oldest, which waits for nobody else. */
  private void readAgain(Command command) throws IOException {
    try (Share share = reading(command)) {
      arrivals.arrived(command, keyspace.execute(command, budget(share)));
    } catch (KvException failure) {
      arrivals.failed(failure, command.key());
    }
  }

  private void forget(Command command) {
    Map<Key, Integer> kind = isRead(command) ? reads : writes;
    kind.computeIfPresent(command.key(), (key, count) -> count == 1 ? null : count - 1);
    readsUnderWay -= isRead(command) ? 1 : 0;
  }

  /** Waits for all answers and tells them. */
  void settleAll() throws IOException {
    while (!legs.isEmpty()) {
      settleOldest();
    }
  }

  /** Waits for all that is under way, for nobody but those who count. */
  void abandon() {
    for (PipelinedOperation leg = legs.poll(); leg != null; leg = legs.poll()) {
      if (leg.pending != null) {
        try {
          var _ = leg.pending.await();
        } catch (KvException e) {
          // It was counted, and there is nobody to be told.
        }
      }
      leg.close();
    }
  }
}
