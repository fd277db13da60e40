package dev.nebulastore.api.batch;

import dev.nebulastore.api.answer.ShareBudget;
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
import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps many commands of one request in flight, so that they share a sync, and reports their
 * outcomes in the order in which they were begun.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>At most {@value #MAX} commands are in flight, {@value #MAX_READS} of them reads, and at
 *       most {@value #MAX_BYTES} bytes in addition to the first. A command beyond these limits, or
 *       for which there is no memory, waits for the oldest. If none is in flight, it is refused.
 *   <li>Writes share a sync, so many at a time are cheaper. Reads share nothing, and more of them
 *       would only delay other requests.
 *   <li>Commands of one key have the same effect as one after the other. Writes keep their order; a
 *       read waits for the writes of its key that are in flight, and a write for the reads.
 *   <li>A large value is counted before it is read, in a share of its own, until its outcome is
 *       reported. If there is no memory for it, it is read after everything before it is reported,
 *       and values that are read behind it are dropped and read again in their turn. If that fails,
 *       it is refused.
 *   <li>If a mailbox is full, this very request may have filled it: everything in flight is
 *       settled, and the command is retried a few times with growing pauses.
 * </ol>
 *
 * <p>Threads: confined to the request's.
 */
public final class Pipeline {

  static final int MAX = 1_000;
  static final int MAX_READS = 16;
  static final long MAX_BYTES = 8 << 20;

  private static final int RETRIES = 6;
  private static final long FIRST_PAUSE_NANOS = 1_000_000;

  /** Receives the outcome of each command, in order. */
  public interface ArrivalListener {
    /** The command has an outcome. */
    void arrived(Command command, Outcome outcome) throws IOException;

    /** The command failed. */
    void failed(Exception failure, @Nullable Key key) throws IOException;

    /** The next outcome is not available yet. */
    void waits() throws IOException;
  }

  /** A command in flight, or its failure. */
  private static final class PipelinedOperation {
    private final @Nullable Exception failure;
    private final @Nullable Key key;
    private final @Nullable Share share;
    private final long bytes;

    // Null also for a read that was dropped and will be repeated.
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

    /** Drops a value that was read, or waits until it was; it will be read again. */
    void drop() {
      if (share != null && pending != null && isRead(pending.command())) {
        dropped = pending.command();
        waitFor(pending);
        pending = null;
        share.close();
      }
    }

    private static void waitFor(Pending read) {
      try {
        var _ = read.await();
      } catch (KvException e) {
        // It is read again, and may succeed then.
      }
    }

    void close() {
      if (share != null) {
        share.close();
      }
    }
  }

  private final Execution execution;
  private final Keyspace keyspace;
  private final ArrivalListener arrivals;
  private final Queue<PipelinedOperation> operations = new ArrayDeque<>();
  private final Map<Key, Integer> reads = new HashMap<>();
  private final Map<Key, Integer> writes = new HashMap<>();
  private final LongPredicate hasRoom;
  private final @Nullable Supplier<Share> shares;
  private long bytes;
  private int readsInFlight;

  /**
   * Creates a pipeline with nothing in flight.
   *
   * @param hasRoom whether so many bytes may be held
   * @param shares opens shares of the memory for values that are read
   */
  public Pipeline(
      Keyspace keyspace,
      LongPredicate hasRoom,
      @Nullable Supplier<Share> shares,
      ArrivalListener arrivals) {
    this(Execution.SYSTEM, keyspace, hasRoom, shares, arrivals);
  }

  /**
   * Creates a pipeline with nothing in flight.
   *
   * @param execution parks the thread while the mailbox of a shard is full
   */
  public Pipeline(
      Execution execution,
      Keyspace keyspace,
      LongPredicate hasRoom,
      @Nullable Supplier<Share> shares,
      ArrivalListener arrivals) {
    this.execution = execution;
    this.keyspace = keyspace;
    this.hasRoom = hasRoom;
    this.shares = shares;
    this.arrivals = arrivals;
  }

  /** Creates a pipeline for commands that neither write nor read values. */
  public Pipeline(Keyspace keyspace, ArrivalListener arrivals) {
    this(keyspace, _ -> true, null, arrivals);
  }

  /** Whether nothing is in flight. */
  public boolean isEmpty() {
    return operations.isEmpty();
  }

  /**
   * Begins a command behind all others.
   *
   * @param size how many bytes it holds until its outcome is reported
   */
  public void begin(Command command, long size) throws IOException {
    Key key = command.key();
    if (!makeRoom(size)) {
      add(new PipelinedOperation(null, Overloaded.byContent(), key, null, 0));
      return;
    }
    boolean read = isRead(command);
    Map<Key, Integer> others = read ? writes : reads;
    while (others.containsKey(key) || (read && readsInFlight >= MAX_READS)) {
      settleOldest();
    }
    Share share = reading(command);
    try {
      Pending pending = begun(command, share);
      (read ? reads : writes).merge(key, 1, Integer::sum);
      readsInFlight += read ? 1 : 0;
      add(new PipelinedOperation(pending, null, key, share, size));
    } catch (KvException | Overloaded failure) {
      add(new PipelinedOperation(null, failure, key, share, size));
    }
  }

  /** Opens a share for the value that a command may read. */
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

  /** Reports a failure in its turn. */
  void refuse(Exception failure, @Nullable Key key) throws IOException {
    makeRoom(0);
    add(new PipelinedOperation(null, failure, key, null, 0));
  }

  /** Returns false if the memory limit is reached. */
  private boolean makeRoom(long size) throws IOException {
    while (!operations.isEmpty() && (operations.size() >= MAX || bytes + size > MAX_BYTES)) {
      settleOldest();
    }
    while (!hasRoom.test(bytes + size)) {
      if (operations.isEmpty()) {
        return false;
      }
      settleOldest();
    }
    return true;
  }

  private void add(PipelinedOperation operation) {
    operations.add(operation);
    bytes += operation.bytes;
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
          execution.parkNanos(this, FIRST_PAUSE_NANOS << retry);
        }
      }
    }
  }

  /** Waits for the outcome of the oldest command, of which there must be one, and reports it. */
  void settleOldest() throws IOException {
    PipelinedOperation operation = operations.remove();
    bytes -= operation.bytes;
    try {
      settle(operation);
    } finally {
      operation.close();
    }
  }

  private void settle(PipelinedOperation operation) throws IOException {
    Pending pending = operation.pending;
    if (operation.failure != null) {
      arrivals.failed(operation.failure, operation.key);
    } else if (operation.dropped != null) {
      forget(operation.dropped);
      readAgain(operation.dropped);
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
          operations.forEach(PipelinedOperation::drop);
          readAgain(pending.command());
          return;
        }
        arrivals.failed(failure, operation.key);
        return;
      }
      arrivals.arrived(pending.command(), outcome);
    }
  }

  /** Repeats a read that is the oldest command now. */
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
    readsInFlight -= isRead(command) ? 1 : 0;
  }

  /** Waits for all outcomes and reports them. */
  public void settleAll() throws IOException {
    while (!operations.isEmpty()) {
      settleOldest();
    }
  }

  /** Waits for everything in flight without reporting it, so that its memory is released. */
  public void abandon() {
    for (PipelinedOperation operation = operations.poll();
        operation != null;
        operation = operations.poll()) {
      if (operation.pending != null) {
        try {
          var _ = operation.pending.await();
        } catch (KvException e) {
          // There is no client to report this to.
        }
      }
      operation.close();
    }
  }
}
