package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The reads of one worker that need the disk, and the commands that wait for them.
 *
 * <p>Writes of one key share a fetch, so that they stay in order. What it finds is up to date when
 * it comes back, since only this worker writes the key, and it decides no write of it meanwhile. A
 * read has a fetch of its own: a commit that its caller knows of may have overtaken an earlier
 * fetch.
 *
 * <p>A read that needs nothing else is answered by the thread that fetched its entry, as the worker
 * would: what is committed at that time is part of no batch. The worker is not woken for it, and
 * removes the fetch with its next batch.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. Storing a result needs no
 * memory: everything is allocated before the store is asked. So a result is never lost, and
 * commands never wait for it for ever.
 *
 * <p>Threads: confined to the worker's, except that threads of the engine store results.
 */
final class AsyncReads {

  /** A read, and the commands that wait for it, in order. */
  final class Fetched implements Consumer<Lookup> {
    private final Key key;
    private final boolean forWrites;
    private final long losses;
    private final List<PendingCommand> calls;
    private final AtomicReference<@Nullable Lookup> found = new AtomicReference<>();
    private @Nullable Fetched below;

    private Fetched(Key key, boolean forWrites, PendingCommand first) {
      this.key = key;
      this.forWrites = forWrites;
      this.losses = store.lossEpoch();
      this.calls = new ArrayList<>(List.of(first));
    }

    /** The losses of the store before the read. */
    long losses() {
      return losses;
    }

    List<PendingCommand> calls() {
      return calls;
    }

    Lookup found() {
      return Objects.requireNonNull(found.get());
    }

    /**
     * This, if it is a result for the command; else null. That memory for a value was exhausted is
     * a result only for the first command, which needs the value: others may not.
     */
    @Nullable Fetched of(PendingCommand call) {
      boolean noMemory =
          found() instanceof Lookup.Failed(var failure) && failure instanceof NoMemory;
      return noMemory && !call.equals(calls.getFirst()) ? null : this;
    }

    /** By the engine: stores the result. Only the first one counts. */
    @Override
    public void accept(Lookup result) {
      if (found.compareAndSet(null, result)) {
        boolean answered = false;
        try {
          answered = !forWrites && answer(calls.getFirst(), result);
        } finally {
          push();
          if (!answered || unnoticed.incrementAndGet() % MAX_UNNOTICED == 0) {
            wake.run();
          }
        }
      }
    }

    private void push() {
      Fetched top;
      do {
        top = newest.get();
        below = top;
      } while (!newest.compareAndSet(top, this));
    }
  }

  /** The worker is woken after this many reads that were answered without it, to release them. */
  private static final int MAX_UNNOTICED = 16;

  /** Entries with larger values are left to the worker, so that they are released at once. */
  private static final int SMALL = 4 << 10;

  private final ShardStore store;
  private final InstantSource time;
  private final Stage waiting;
  private final Runnable wake;
  private final AtomicInteger unnoticed = new AtomicInteger();
  private final Map<Key, Fetched> writes = new HashMap<>();

  // The results: a stack, the newest first, which the worker reverses.
  private final AtomicReference<@Nullable Fetched> newest = new AtomicReference<>();
  private @Nullable Fetched oldest;
  private int outstanding;

  /**
   * No reads yet.
   *
   * @param waiting the stage of commands that were deferred
   * @param wake is run when the worker has to look at a result, on any thread
   */
  AsyncReads(ShardStore store, InstantSource time, Stage waiting, Runnable wake) {
    this.store = store;
    this.time = time;
    this.waiting = waiting;
    this.wake = wake;
  }

  /** By the engine: answers a read; false if the worker has to. */
  private boolean answer(PendingCommand read, Lookup result) {
    if (!(result instanceof Lookup.Known(Entry entry))
        || !(read.command() instanceof Command.Get get)
        || (entry != null && entry.value().size() > SMALL)
        || read.overdue()) {
      return false;
    }
    Outcome outcome = Applier.read(entry, get, time.instant());
    return outcome.unread() == null && read.finish(waiting, outcome);
  }

  /**
   * What is committed under the key of a read.
   *
   * @param fetched the result of its fetch; null if there was none
   */
  Lookup committed(PendingCommand read, @Nullable Lookup fetched) {
    return fetched == null ? store.committed(read.command().key(), read.budget()) : fetched;
  }

  /** What a write is decided on. If other writes of the key wait for the disk, it waits, too. */
  Lookup latest(PendingCommand write, @Nullable Lookup fetched, BatchOverlay overlay) {
    Key key = write.command().key();
    return writes.containsKey(key)
        ? Lookup.OnDisk.INSTANCE
        : overlay.latest(key, fetched, write.budget());
  }

  /** Has a command wait for what is committed under its key. */
  void add(PendingCommand call, boolean write) {
    Key key = call.command().key();
    Fetched others = write ? writes.get(key) : null;
    if (others != null) {
      others.calls.add(call);
      return;
    }
    Fetched fetch = new Fetched(key, write, call);
    if (write) {
      writes.put(key, fetch);
    }
    outstanding++;
    store.fetch(key, call.budget(), fetch);
  }

  /** Removes the oldest result; null if there is none. */
  @Nullable Fetched next() {
    if (oldest == null) {
      reverse();
    }
    Fetched next = oldest;
    if (next != null) {
      oldest = next.below;
      next.below = null;
      outstanding--;
      if (next.forWrites) {
        writes.remove(next.key);
      }
    }
    return next;
  }

  private void reverse() {
    Fetched stack = newest.getAndSet(null);
    while (stack != null) {
      Fetched below = stack.below;
      stack.below = oldest;
      oldest = stack;
      stack = below;
    }
  }

  /** Whether there are results. */
  boolean hasResults() {
    return oldest != null || newest.get() != null;
  }

  /** Whether writes wait. */
  boolean hasWrites() {
    return !writes.isEmpty();
  }

  /** Whether a read has not ended, or its result was not removed yet. */
  boolean hasOutstanding() {
    return outstanding > 0;
  }
}
