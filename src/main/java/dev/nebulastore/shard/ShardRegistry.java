package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import org.springframework.context.SmartLifecycle;

/**
 * Knows for each shard the worker that has it now, and where keys live. Supervision replaces
 * workers here; a resize adds and removes shards, and hands keys off from one to others.
 *
 * <p>Threads: safe for all; each shard's {@link Slot} is guarded by a lock of its own.
 */
public final class ShardRegistry implements SmartLifecycle {

  /** The largest number of shards. */
  public static final int MAX_SHARDS = ShardProperties.MAX_COUNT;

  private static final Duration STOP_WITHIN = Duration.ofSeconds(3);
  private static final long CHECK_NANOS = 1_000_000;

  private final ShardEnvironment environment;
  private final Execution execution;
  private final StorageEngine engine;
  private final Function<WorkerContext, ShardWorker> createWorker;
  private final ShardListeners listeners = new ShardListeners();
  private final CurrentPlacement placement = new CurrentPlacement();
  private final Slots slots;
  private final KeyHandoff handoff;
  private volatile boolean running;

  ShardRegistry(ShardEnvironment environment, Function<WorkerContext, ShardWorker> createWorker) {
    this.environment = environment;
    this.execution = environment.execution();
    this.engine = environment.engine();
    this.createWorker = createWorker;
    ShardProperties properties = environment.properties();
    this.slots =
        new Slots(shard ->
            new Slot(
                execution,
                shard,
                properties.mailboxCapacity(),
                () -> running,
                generation -> create(shard, generation),
                generation -> engine.open(shard, generation)));
    this.handoff =
        new KeyHandoff(
            execution,
            properties.barrier(),
            engine,
            slots::offer,
            shard -> slots.of(shard).worker().mailbox());
    for (int shard = 0; shard < properties.count(); shard++) {
      var _ = slots.add(shard);
    }
  }

  private ShardWorker create(int shard, long generation) {
    return createWorker.apply(
        new WorkerContext(
            execution,
            shard,
            generation,
            environment.properties().mailboxCapacity(),
            engine.open(shard, generation),
            environment.time(),
            environment.changes(),
            placement,
            slots.of(shard)::countRejection,
            listeners));
  }

  Slots slots() {
    return slots;
  }

  CurrentPlacement currentPlacement() {
    return placement;
  }

  /** Adds a listener, before the start. */
  public void addListener(ShardListener listener) {
    listeners.add(listener);
  }

  /** The numbers of all shards. */
  public SortedSet<Integer> shards() {
    return slots.numbers();
  }

  /** Where keys live at this moment. */
  public Placement placement() {
    return placement.get();
  }

  /** Sets where keys live, before the start or after the last handoff of a resize. */
  public void place(Placement next) {
    placement.set(next);
  }

  /**
   * Adds a shard, which has no keys yet. Shards are added and removed, and keys handed off, by one
   * thread at a time.
   */
  public void join(int shard) {
    Slot slot = slots.add(shard);
    listeners.joined(shard);
    slot.fill();
  }

  /**
   * Changes where keys live, from one shard to others, while the worker of that one is quiesced.
   * Writes that wait for those keys go along; no command fails for it.
   *
   * @param next differs from the present placement in keys of the source that become the targets'
   * @return how long requests to the source waited at most: since its worker accepted nothing new,
   *     until it could continue
   * @throws ShardFailure if the worker was not quiesced in time, or a target has no worker: nothing
   *     has changed
   */
  public Duration handOff(int source, Set<Integer> targets, Placement next) {
    return handoff.run(source, targets, next, () -> placement.set(next));
  }

  /**
   * Removes a shard that has no keys any more, as soon as it has done what still waits for it.
   *
   * @throws NoSuchShard if there is no such shard
   */
  public void leave(int shard) {
    Slot slot = slots.of(shard);
    while (running && !slot.isFinished()) {
      execution.parkNanos(this, CHECK_NANOS);
    }
    slots.remove(shard);
    try {
      slot.retire();
    } catch (RuntimeException | Error e) {
      // The engine did not fence it: it is still there, and is removed when this is tried again.
      var _ = slots.add(shard);
      throw e;
    }
    listeners.left(shard);
  }

  /**
   * Replaces the worker of this generation by one of the next, and fences it; does nothing if it
   * was replaced already.
   *
   * @return whether it was replaced by this call
   */
  public boolean replace(int shard, long generation) {
    return slots.of(shard).replace(generation);
  }

  /**
   * Fences the worker of this generation and leaves the shard without one: its commands are
   * refused.
   *
   * @param about how long that is expected to last, which clients get as a hint
   * @return whether it was quarantined by this call
   */
  public boolean quarantine(int shard, long generation, Duration about) {
    return slots.of(shard).quarantine(generation, about);
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
    ShardWorker worker = slots.of(shard).worker();
    worker.kill();
    return worker.generation();
  }

  /**
   * The state of a shard at this moment.
   *
   * @throws NoSuchShard if there is no such shard
   */
  public ShardStatus status(int shard) {
    return slots.of(shard).status();
  }

  /** The states of all shards at this moment, by number. */
  public List<ShardStatus> statuses() {
    return slots.all().stream().map(Slot::status).toList();
  }

  /** The last revision of a shard. */
  public Revision revision(int shard) {
    return engine.revision(shard);
  }

  @Override
  public void start() {
    running = true;
    slots.all().forEach(Slot::fill);
  }

  /** Lets each worker finish what waits, for a few seconds, and then ends it. */
  @Override
  public void stop() {
    running = false;
    long until = execution.nanoTime() + STOP_WITHIN.toNanos();
    slots.all().forEach(Slot::stop);
    slots.all().forEach(slot -> slot.awaitStop(Duration.ofNanos(until - execution.nanoTime())));
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
}
