package dev.nebulastore.router;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ResizeRunning;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.router.Resize.State;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the number of shards while requests run.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="8">The new ring replaces the present one in steps ({@link Migration}): each step
 *                 hands off all keys that one shard gives to others, and quiesces only that shard.
 *                 So only keys move that have to, each once, and there are no more steps than
 *                 shards.
 *   <li value="9">A step has a deadline. If it fails, for example because a shard is quarantined,
 *                 it is tried again until it succeeds: a resize that is half done is consistent,
 *                 but not what the operator asked for.
 *   <li value="10">Nothing of it is on disk, where entries have no shard: a crash in the middle is
 *                  like any other crash, and the next start has the configured number of shards.
 * </ol>
 *
 * <p>States: idle or done ──resize──▶ moving ──all steps done──▶ done.
 *
 * <p>Threads: safe for all; one thread at a time makes the steps.
 */
public final class Resizer {

  /** Is notified of what the resizer does; must return at once. */
  public interface Listener {
    /** A step was made, for which requests to its source waited at most this long. */
    void stepped(Duration pause);

    /** The requested number of shards is reached. */
    void resized(int from, int to);
  }

  private static final Logger log = LoggerFactory.getLogger(Resizer.class);
  private static final long RETRY_NANOS = 50_000_000;

  private final ShardRegistry registry;
  private final Listener listener;
  private final Executor mover;
  private final Execution execution;
  private volatile HashRing ring;
  private volatile Resize resize;
  private volatile long began;

  /**
   * For a registry whose keys are placed by this ring.
   *
   * @param mover runs the steps, on a thread that may wait
   */
  Resizer(
      ShardRegistry registry,
      HashRing ring,
      Listener listener,
      Executor mover,
      Execution execution) {
    this.registry = registry;
    this.ring = ring;
    this.listener = listener;
    this.mover = mover;
    this.execution = execution;
    this.resize = Resize.none(ring.weights().size());
  }

  /** The present ring, or during a resize the new one. */
  public HashRing ring() {
    return ring;
  }

  /** The progress of the last resize. */
  public Resize progress() {
    Resize now = resize;
    return now.state() == State.MOVING ? now.in(State.MOVING, sinceItBegan()) : now;
  }

  /**
   * Begins to change the number of shards, and does not wait.
   *
   * @param count the new number, 1 to {@link ShardRegistry#MAX_SHARDS}
   * @return false if it is the present number, so that there is nothing to do
   * @throws ResizeRunning if the last resize is not done
   * @throws IllegalArgumentException if the number is out of range
   */
  public synchronized boolean resize(int count) {
    if (count < 1 || count > ShardRegistry.MAX_SHARDS) {
      throw new IllegalArgumentException(
          "count is " + count + ": must be 1 to " + ShardRegistry.MAX_SHARDS);
    }
    if (resize.state() == State.MOVING) {
      throw new ResizeRunning();
    }
    HashRing from = ring;
    int before = from.weights().size();
    if (before == count) {
      return false;
    }
    HashRing to = HashRing.ofShards(count, from.virtualPoints());
    SortedMap<Integer, Departure> departures = departures(from, to);
    double share = departures.values().stream().mapToDouble(departure -> departure.share).sum();
    began = execution.nanoTime();
    resize = Resize.begun(before, count, departures.size(), share);
    ring = to;
    log.info(
        "Resizing from {} to {} shards: {} % of the keys move, in {} steps",
        before, count, "%.1f".formatted(100 * share), departures.size());
    try {
      mover.execute(() -> retry(() -> move(from, to, departures)));
    } catch (Throwable e) {
      // Nobody would make the steps.
      ring = from;
      resize = Resize.none(before);
      throw e;
    }
    return true;
  }

  /** The keys that one source hands off: to which targets, and what fraction of the ring. */
  private static final class Departure {
    private final Set<Integer> targets = new TreeSet<>();
    private double share;
  }

  private static SortedMap<Integer, Departure> departures(HashRing from, HashRing to) {
    SortedMap<Integer, Departure> departures = new TreeMap<>();
    from.moves(to)
        .forEach((move, share) -> {
          Departure departure =
              departures.computeIfAbsent(move.source(), source -> new Departure());
          departure.targets.add(move.target());
          departure.share += share;
        });
    return departures;
  }

  /**
   * Makes the steps that are left. May be called again after a failure of any kind in the middle.
   */
  private void move(HashRing from, HashRing to, SortedMap<Integer, Departure> departures) {
    int before = from.weights().size();
    int after = to.weights().size();
    for (int shard = before; shard < after; shard++) {
      int joining = shard;
      if (!retry(() -> registry.join(joining))) {
        return;
      }
    }
    List<Integer> sources = List.copyOf(departures.keySet());
    while (resize.stepsDone() < sources.size()) {
      int source = sources.get(resize.stepsDone());
      Migration next = new Migration(from, to, source + 1);
      if (!retry(() -> handOff(source, Objects.requireNonNull(departures.get(source)), next))) {
        return;
      }
    }
    registry.place(new Settled(to));
    for (int shard = before - 1; shard >= after; shard--) {
      int leaving = shard;
      if (!retry(() -> leave(leaving))) {
        return;
      }
    }
    end(before, after);
  }

  /** If counting it fails, it is made again, and finds nothing left to move. */
  private void handOff(int source, Departure departure, Migration next) {
    Duration pause = registry.handOff(source, departure.targets, next);
    resize = resize.stepped(departure.share);
    tell(() -> listener.stepped(pause));
  }

  /** Does nothing if the shard was removed, and only a listener failed. */
  private void leave(int shard) {
    if (registry.shards().contains(shard)) {
      registry.leave(shard);
    }
  }

  /** A listener that fails must not repeat a step. */
  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (Throwable e) {
      log.error("A resize listener failed", e);
    }
  }

  private void end(int before, int after) {
    Duration took = sinceItBegan();
    resize = resize.in(State.DONE, took);
    tell(() -> listener.resized(before, after));
    log.info(
        "Resized from {} to {} shards in {} ms; the next start has nebula.shards.count again",
        before,
        after,
        took.toMillis());
  }

  /** Repeats a step until it succeeds, whatever it throws; false if the server stops first. */
  private boolean retry(Runnable step) {
    while (registry.isRunning()) {
      try {
        step.run();
        return true;
      } catch (Throwable e) {
        waitAfter(e);
      }
    }
    return false;
  }

  private void waitAfter(Throwable e) {
    try {
      String why = e instanceof KvException ? String.valueOf(e.getMessage()) : e.toString();
      if (!resize.waitsFor().equals(Optional.of(why))) {
        log.warn("A step of resizing can't be made yet, and is tried again: {}", why);
      }
      resize = resize.waitingFor(why);
    } catch (Throwable again) {
      // It is tried again all the same.
    }
    pause();
  }

  /** Parks repeatedly, since the last step may have left a permit behind. */
  private void pause() {
    long until = execution.nanoTime() + RETRY_NANOS;
    for (long left = RETRY_NANOS; left > 0; left = until - execution.nanoTime()) {
      execution.parkNanos(this, left);
    }
  }

  private Duration sinceItBegan() {
    return Duration.ofNanos(execution.nanoTime() - began);
  }
}
