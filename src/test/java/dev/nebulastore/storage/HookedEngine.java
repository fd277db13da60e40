package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An engine with injected faults. Hooks run on the worker's thread, and may block or throw.
 *
 * <p>Threads: thread-safe; the hooks are in volatile fields.
 */
public final class HookedEngine extends ForwardingEngine {

  private final Set<Key> onDisk = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Runnable> fetches = new LinkedBlockingQueue<>();
  private final AtomicLong lost = new AtomicLong();
  private volatile boolean roomTaken;
  private volatile IntConsumer beforeOpen = shard -> {};
  private volatile Runnable onRaise = () -> {};
  private volatile Consumer<Key> onGet = key -> {};
  private volatile Consumer<KeyRange> onScan = range -> {};
  private volatile Runnable onExpired = () -> {};
  private volatile Consumer<List<Write>> beforeSubmit = writes -> {};
  private volatile Consumer<List<Write>> afterSubmit = writes -> {};

  /** Wraps this engine, without any fault yet. */
  public HookedEngine(StorageEngine engine) {
    super(engine);
  }

  /** Runs the hook before a shard's store is opened, on the thread that opens it. */
  public void beforeOpen(IntConsumer hook) {
    beforeOpen = hook;
  }

  /** Runs the hook before a revision is raised, on the thread of the handoff. */
  public void onRaise(Runnable hook) {
    onRaise = hook;
  }

  /** Runs the hook before each look-up. */
  public void onGet(Consumer<Key> hook) {
    onGet = hook;
  }

  /** Runs the hook before each scan of the keys, on the thread of the caller. */
  public void onScan(Consumer<KeyRange> hook) {
    onScan = hook;
  }

  /** Runs the hook before each search for expired entries, on the thread of the caller. */
  public void onExpired(Runnable hook) {
    onExpired = hook;
  }

  /** Lets only fetches find this key, until {@link #inMemory} is called for it. */
  public void onDisk(Key key) {
    onDisk.add(key);
  }

  /** Lets each look-up find this key again. */
  public void inMemory(Key key) {
    onDisk.remove(key);
  }

  /** The fetches that were requested and have not run, oldest first. Whoever takes one runs it. */
  public BlockingQueue<Runnable> fetches() {
    return fetches;
  }

  /** Whether other shards use the space after each decision, until this is called with false. */
  public void takeRoom(boolean taken) {
    roomTaken = taken;
  }

  /** Refuses decisions of a worker that are based on earlier look-ups. */
  public void lose() {
    lost.incrementAndGet();
  }

  /** Runs the hook before each batch is submitted. */
  public void beforeSubmit(Consumer<List<Write>> hook) {
    beforeSubmit = hook;
  }

  /** Runs the hook after each batch was submitted. */
  public void afterSubmit(Consumer<List<Write>> hook) {
    afterSubmit = hook;
  }

  /** Holds a worker in one place, ignoring interrupts, like a stuck one. */
  public static final class Hold {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** Called by the worker: reports that it is there, and waits until it is released. */
    public void stay() {
      reached.countDown();
      await(released);
    }

    /** Waits until the worker is there. */
    public void awaitReached() {
      await(reached);
    }

    /** Lets the worker continue. */
    public void release() {
      released.countDown();
    }

    private static void await(CountDownLatch latch) {
      while (true) {
        try {
          if (!latch.await(1, TimeUnit.MINUTES)) {
            throw new AssertionError("Nobody came within a minute");
          }
          return;
        } catch (InterruptedException e) {
          // A stuck thread ignores interrupts too.
        }
      }
    }
  }

  /** Holds the worker at the next look-up of this key. */
  public Hold holdAt(Key key) {
    Hold hold = new Hold();
    onGet(looked -> {
      if (looked.equals(key)) {
        onGet(others -> {});
        hold.stay();
      }
    });
    return hold;
  }

  /** Holds the worker before it submits its next batch. */
  public Hold holdBeforeSubmit() {
    Hold hold = new Hold();
    beforeSubmit(writes -> {
      beforeSubmit(others -> {});
      hold.stay();
    });
    return hold;
  }

  @Override
  public ShardStore open(int shard, long generation) {
    beforeOpen.accept(shard);
    return new HookedStore(super.open(shard, generation));
  }

  @Override
  public void raise(int target, int source) {
    onRaise.run();
    super.raise(target, source);
  }

  @Override
  public void submit(List<Part> parts) {
    List<Write> writes = parts.stream().flatMap(part -> part.batch().writes().stream()).toList();
    beforeSubmit.accept(writes);
    super.submit(
        parts.stream()
            .map(part ->
                new Part(((HookedStore) part.store()).store, part.lossEpoch(), part.batch()))
            .toList());
    afterSubmit.accept(writes);
  }

  private final class HookedStore implements ShardStore {
    private final ShardStore store;

    HookedStore(ShardStore store) {
      this.store = store;
    }

    @Override
    public Revision revision() {
      return store.revision();
    }

    @Override
    public Lookup committed(Key key, @Nullable ContentBudget budget) {
      onGet.accept(key);
      return onDisk.contains(key) ? Lookup.OnDisk.INSTANCE : store.committed(key, budget);
    }

    @Override
    public Lookup latest(Key key, @Nullable ContentBudget budget) {
      onGet.accept(key);
      return onDisk.contains(key) ? Lookup.OnDisk.INSTANCE : store.latest(key, budget);
    }

    @Override
    public void fetch(Key key, @Nullable ContentBudget budget, Consumer<Lookup> then) {
      fetches.add(() -> then.accept(store.committed(key, budget)));
    }

    @Override
    public long lossEpoch() {
      return store.lossEpoch() + lost.get();
    }

    @Override
    public int unsettled() {
      return store.unsettled();
    }

    @Override
    public boolean isBacklogged() {
      return store.isBacklogged();
    }

    @Override
    public long quota() {
      return store.quota();
    }

    @Override
    public boolean reserve(@Nullable Entry before, Change change) {
      return (!roomTaken || Quota.growth(before, change) == 0) && store.reserve(before, change);
    }

    @Override
    public void submit(long lossEpoch, Batch batch) {
      beforeSubmit.accept(batch.writes());
      if (lossEpoch != lossEpoch()) {
        batch.accepted();
        batch.failed(new StoreUnavailable(0, Applied.NO, "lost", Duration.ofSeconds(1)));
        return;
      }
      store.submit(lossEpoch, batch);
      afterSubmit.accept(batch.writes());
    }
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    onExpired.run();
    return super.expired(now, after, limit);
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    onScan.accept(range);
    return super.scan(range, now, limit);
  }
}
