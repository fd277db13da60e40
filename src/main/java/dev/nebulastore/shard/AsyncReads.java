package dev.nebulastore.shard;

import dev.nebulastore.kv.Applier;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.shard.MailboxMessage.Stage;
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
 * The look-ups of one worker that take a disk, and the calls that wait for them.
 *
 * <p>Writes of one key share a fetch, so that they stay in order; what it finds is up to date when
 * it has come, since only this worker writes the key and it decides no write of it meanwhile. A
 * read has a fetch of its own: an earlier one may have been overtaken by a commit of which this
 * caller has heard.
 *
 * <p>A read that needs nothing but what was found is answered by the thread that found it, as the
 * worker would: what is committed at that time is part of no batch. The worker hears of it at its
 * next turn, and is not woken for it.
 *
 * <p>Design note (the number is that of docs/ARCHITECTURE.md): 12. What comes back finds its place
 * without any memory: all of it is made before the store is asked. So what was found is never lost,
 * and calls that wait for it do not wait for ever.
 *
 * <p>Threads: confined to the worker's, but that threads of the engine put in what they found.
 */
final class AsyncReads {

  /** A look-up, and those who wait for it, in order. */
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
      this.losses = store.losses();
      this.calls = new ArrayList<>(List.of(first));
    }

    /** What the store's losses were before it was looked up. */
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
     * What there is for one of the calls. That there was no memory for a value is an answer to the
     * first alone, which asked for it: others may not need it.
     */
    @Nullable Fetched of(PendingCommand call) {
      boolean noMemory =
          found() instanceof Lookup.Failed(var failure) && failure instanceof NoMemory;
      return noMemory && !call.equals(calls.getFirst()) ? null : this;
    }

    /** By the engine, when it has come; what comes after that counts for nothing. */
    @Override
    public void accept(Lookup come) {
      if (found.compareAndSet(null, come)) {
        boolean answered = false;
        try {
          answered = !forWrites && answer(calls.getFirst(), come);
        } finally {
          push();
          if (!answered || unheard.incrementAndGet() % MAX_UNHEARD == 0) {
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

  /** So many answered reads at most wait for the worker's next turn with what was found. */
  private static final int MAX_UNHEARD = 16;

  /** What was found is not kept for longer than needed if it is larger. */
  private static final int SMALL = 4 << 10;

  private final ShardStore store;
  private final InstantSource time;
  private final Stage waiting;
  private final Runnable wake;
  private final AtomicInteger unheard = new AtomicInteger();
  private final Map<Key, Fetched> writes = new HashMap<>();

  // What has come: a stack, the newest first, which the worker turns round.
  private final AtomicReference<@Nullable Fetched> newest = new AtomicReference<>();
  private @Nullable Fetched oldest;
  private int outstanding;

  /**
   * None yet.
   *
   * @param waiting the stage of calls that were set down
   * @param wake is run when something was fetched, on any thread
   */
  AsyncReads(ShardStore store, InstantSource time, Stage waiting, Runnable wake) {
    this.store = store;
    this.time = time;
    this.waiting = waiting;
    this.wake = wake;
  }

  /** By the engine: answers a read; false if that is up to the worker. */
  private boolean answer(PendingCommand read, Lookup come) {
    if (!(come instanceof Lookup.Known(Entry entry))
        || (entry != null && entry.value().size() > SMALL)
        || read.overdue()) {
      return false;
    }
    Outcome outcome =
        Applier.decide(entry, read.command(), Revision.ZERO, time.instant()).outcome();
    return outcome.unread() == null && read.finish(waiting, outcome);
  }

  /**
   * What is committed under the key of a read.
   *
   * @param fetched null if nothing was
   */
  Lookup committed(PendingCommand read, @Nullable Lookup fetched) {
    return fetched == null ? store.committed(read.command().key(), read.budget()) : fetched;
  }

  /** What a write is decided on. Where writes of a key wait for the disk, it waits behind them. */
  Lookup latest(PendingCommand write, @Nullable Lookup fetched, BatchOverlay overlay) {
    Key key = write.command().key();
    return writes.containsKey(key)
        ? Lookup.OnDisk.INSTANCE
        : overlay.latest(key, fetched, write.budget());
  }

  /** Has a call wait for what is committed under its key. */
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

  /** Takes what has come back; null if nothing has. */
  @Nullable Fetched next() {
    if (oldest == null) {
      turnRound();
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

  private void turnRound() {
    Fetched stack = newest.getAndSet(null);
    while (stack != null) {
      Fetched below = stack.below;
      stack.below = oldest;
      oldest = stack;
      stack = below;
    }
  }

  /** Whether something has come back. */
  boolean anyCame() {
    return oldest != null || newest.get() != null;
  }

  /** Whether writes wait. */
  boolean anyWrites() {
    return !writes.isEmpty();
  }

  /** Whether something has not been taken yet. */
  boolean anyOutstanding() {
    return outstanding > 0;
  }
}
