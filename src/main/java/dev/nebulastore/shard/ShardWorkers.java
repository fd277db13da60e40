package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.Stopping;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The table of the living: for each shard the worker that has it now. Callers ask a shard and never
 * keep a worker; supervision replaces what died.
 *
 * <p>Replacing: the engine opens the store of the next generation, which fences the old one; the
 * new worker is put in the table; the old one is closed, and what it did not carry out goes to the
 * new one ahead of anything else; the new one starts. So an offer that finds a closed mailbox finds
 * another worker, or none, at its next look.
 *
 * <p>Threads: safe for all; each shard's slot is guarded by its own lock.
 */
public final class ShardWorkers implements SmartLifecycle {

  /** How many shards there may be. */
  public static final int MAX_SHARDS = 1_024;

  /** When a client may try again after a shard was too busy. */
  static final Duration RETRY_SOON = Duration.ofSeconds(1);

  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);
  private static final long LOOK_NANOS = 1_000_000;

  /** Is told when workers begin and end, on the worker's own thread, and shards come and go. */
  public interface Listener {
    /** The worker of this generation has begun to serve. */
    default void serving(int shard, long generation) {}

    /** The worker of this generation died of this; its shard waits to be replaced. */
    default void died(int shard, long generation, Throwable cause) {}

    /** There is one shard more, which has no worker yet. */
    default void joined(int shard) {}

    /** There is one shard less. */
    default void left(int shard) {}
  }

  /** The death of a worker that {@link #kill} asked for. */
  public static final class Killed extends RuntimeException {
    Killed() {
      super("killed on request", null, false, false);
    }
  }

  private final Execution execution;
  private final ShardProperties properties;
  private final StorageEngine engine;
  private final InstantSource time;
  private final ChangeListener changes;
  private final Function<WorkerContext, ShardWorker> makeWorker;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Slots slots;
  private final CommandDispatcher dispatcher;
  private final Deadlines deadlines;
  private final boolean settlesAtOnce;
  private final Transactor transactor;
  private final KeyHandoff handOver;
  private volatile boolean running;

  ShardWorkers(
      ShardProperties properties,
      StorageEngine engine,
      InstantSource time,
      ChangeListener changes,
      Function<WorkerContext, ShardWorker> makeWorker) {
    this(Execution.MACHINE, properties, engine, time, changes, makeWorker);
  }

  ShardWorkers(
      Execution execution,
      ShardProperties properties,
      StorageEngine engine,
      InstantSource time,
      ChangeListener changes,
      Function<WorkerContext, ShardWorker> makeWorker) {
    this.execution = execution;
    this.deadlines = new Deadlines(execution);
    this.properties = properties;
    this.engine = engine;
    this.settlesAtOnce = engine.settlesAtOnce();
    this.time = time;
    this.changes = changes;
    this.makeWorker = makeWorker;
    this.slots =
        new Slots(shard ->
            new Slot(
                execution,
                shard,
                generation -> hire(shard, generation),
                generation -> engine.open(shard, generation)));
    this.dispatcher =
        new CommandDispatcher(execution, slots, () -> running, properties.mailboxCapacity());
    Consumer<BarrierRequest> offer = request -> dispatcher.offer(request.shard(), request);
    this.transactor =
        new Transactor(execution, properties, engine, time, changes, offer, dispatcher::placement);
    this.handOver =
        new KeyHandoff(execution, properties.barrier(), engine, offer, dispatcher::mailbox);
    for (int shard = 0; shard < properties.count(); shard++) {
      var _ = slots.add(shard);
    }
  }

  /** Adds a listener, before the start. */
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  /** The numbers of all shards. */
  public SortedSet<Integer> shards() {
    return slots.numbers();
  }

  /** A command that a shard has accepted, for the thread that began it to wait for. */
  public final class Pending {
    private final PendingCommand call;

    private Pending(PendingCommand call) {
      this.call = call;
    }

    /** Whether there is an answer, so that {@link #await} does not wait. */
    public boolean isAnswered() {
      return call.isAnswered();
    }

    /**
     * Waits for the answer until the configured deadline.
     *
     * @throws ShardFailure if there is none; it says whether the command may have taken effect
     */
    public Outcome await() {
      return call.await(deadlines, settlesAtOnce || call.command() instanceof Command.Get);
    }

    /** The answer, or null if there is none yet; does not wait, and throws as {@link #await}. */
    public @Nullable Outcome poll() {
      return call.poll();
    }
  }

  /** Where keys live at this moment. */
  public Placement placement() {
    return dispatcher.placement();
  }

  /** Says where keys live, before the start. */
  public void place(Placement first) {
    dispatcher.place(first);
  }

  /**
   * Has a command carried out where its key lives, and waits for its answer until the configured
   * deadline.
   *
   * @throws ShardFailure if there is none; it says whether the command may have taken effect
   */
  public Outcome ask(Command command) {
    return begin(command, ContentBudget.UNLIMITED, null).await();
  }

  /**
   * Has a command carried out where its key lives, and does not wait. What one thread begins for
   * one key is carried out in that order, but for a read, which may be answered ahead of earlier
   * writes.
   *
   * @param budget pays for a large value that the command has to read
   * @param told is run when there is an answer, perhaps more than once and by any thread, if the
   *     caller is to {@link Pending#poll} and not to await it; neither throws nor waits
   * @throws ShardFailure if the shard did not accept it
   */
  public Pending begin(Command command, ContentBudget budget, @Nullable Runnable told) {
    return new Pending(dispatcher.begin(command, properties.deadline(), budget, told));
  }

  /**
   * Carries out a transaction, whose large values the budget pays for, and waits for its outcome,
   * until the configured deadline.
   *
   * @throws ShardFailure if it was not carried out, or perhaps not; the exception says which
   */
  public TransactionOutcome transact(Transaction transaction, ContentBudget budget) {
    return transactor.run(transaction, budget);
  }

  /**
   * Adds a shard, which has no keys yet. Shards are added and removed, and keys handed over, by one
   * thread at a time.
   */
  public void join(int shard) {
    Slot slot = slots.add(shard);
    listeners.forEach(listener -> listener.joined(shard));
    slot.fill();
  }

  /**
   * Changes where keys live, from one shard to others, while that one is quiesced: writes that wait
   * for keys which the new placement gives to the others go along, and nothing fails for it.
   *
   * @param next differs from the present placement in keys of the source that become the targets'
   * @return how long requests waited for it at most: since the source took nothing new, until it
   *     could go on
   * @throws ShardFailure if it did not come to a stand in time, or a target has no worker: nothing
   *     has changed
   */
  public Duration handOver(int source, Set<Integer> targets, Placement next) {
    return handOver.run(source, targets, next, () -> dispatcher.place(next));
  }

  /**
   * Removes a shard that has no keys any more, as soon as it has done what still waits for it.
   *
   * @throws NoSuchShard if there is no such shard
   */
  public void leave(int shard) {
    Slot slot = slots.of(shard);
    while (running && !slot.isFinished()) {
      execution.parkNanos(this, LOOK_NANOS);
    }
    slots.remove(shard);
    try {
      slot.retire();
    } catch (RuntimeException | Error e) {
      // The engine did not fence it: it is still there, and leaves when this is tried again.
      var _ = slots.add(shard);
      throw e;
    }
    listeners.forEach(listener -> listener.left(shard));
  }

  /**
   * Puts the next generation in the place of this one, which is fenced; does nothing if it was
   * replaced already.
   *
   * @return whether it was replaced by this call
   */
  public boolean replace(int shard, long generation) {
    return slots.of(shard).replace(generation);
  }

  /** Fences this generation and leaves the shard without a worker: its commands are refused. */
  public boolean setAside(int shard, long generation, Duration about) {
    return slots.of(shard).setAside(generation, about);
  }

  /** Gives a shard that was quarantined a worker again. */
  public void revive(int shard) {
    slots.of(shard).fill();
  }

  /**
   * Kills the worker of a shard before its next command, as a fault would.
   *
   * @return the generation that was killed
   * @throws ShardFailure if the shard has no worker
   * @throws NoSuchShard if there is no such shard
   */
  public long kill(int shard) {
    Slot slot = slots.of(shard);
    ShardWorker worker = slot.worker();
    if (worker == null) {
      throw dispatcher.unavailable(slot);
    }
    worker.kill();
    return worker.generation();
  }

  /**
   * How a shard is at this moment.
   *
   * @throws NoSuchShard if there is no such shard
   */
  public ShardStatus status(int shard) {
    return slots.of(shard).status(running, properties.mailboxCapacity());
  }

  /** How all shards are at this moment, by number. */
  public List<ShardStatus> statuses() {
    int capacity = properties.mailboxCapacity();
    return slots.all().stream().map(slot -> slot.status(running, capacity)).toList();
  }

  /**
   * Entries whose time has come, the oldest first.
   *
   * @param after where the last call ended, or null to begin
   * @param limit how many at most
   */
  public List<Expiry> expired(@Nullable Expiry after, int limit) {
    return engine.expired(time.instant(), after, limit);
  }

  /**
   * Looks through the entries of all shards, straight in the engine: it sees every write that was
   * answered before it began. Bounded, as {@link StorageEngine#scan} is.
   *
   * @throws ShardFailure if it can't
   */
  public ScanPage scan(KeyRange range, int limit) {
    if (!running) {
      throw new Stopping(ShardFailure.NO_SHARD, RETRY_SOON);
    }
    return engine.scan(range, time.instant(), limit);
  }

  /** A secret that lives as long as the entries do; see {@link StorageEngine#secret}. */
  public byte[] secret() {
    return engine.secret();
  }

  /** The revision that a shard is at. */
  public Revision revision(int shard) {
    return engine.revision(shard);
  }

  @Override
  public void start() {
    running = true;
    deadlines.start();
    slots.all().forEach(Slot::fill);
  }

  /** Lets each worker finish what waits, for a few seconds, and then ends it. */
  @Override
  public void stop() {
    running = false;
    long until = execution.nanoTime() + STOP_WITHIN.toNanos();
    slots.all().forEach(Slot::stop);
    slots.all().forEach(slot -> slot.awaitStop(Duration.ofNanos(until - execution.nanoTime())));
    deadlines.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the web server starts, and after it has stopped. */
  @Override
  public int getPhase() {
    return 0;
  }

  private ShardWorker hire(int shard, long generation) {
    return makeWorker.apply(
        new WorkerContext(
            execution,
            shard,
            generation,
            properties.mailboxCapacity(),
            engine.open(shard, generation),
            time,
            changes,
            dispatcher::placement,
            slots.of(shard)::countRejection,
            new Announcer()));
  }

  /** Tells the listeners. */
  private final class Announcer implements WorkerContext.Witness {
    @Override
    public void serving(ShardWorker worker) {
      listeners.forEach(listener -> listener.serving(worker.shard(), worker.generation()));
    }

    @Override
    public void ended(ShardWorker worker, @Nullable Throwable cause) {
      if (cause != null) {
        listeners.forEach(listener -> listener.died(worker.shard(), worker.generation(), cause));
      }
    }
  }
}
