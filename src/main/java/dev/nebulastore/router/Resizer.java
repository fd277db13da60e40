package dev.nebulastore.router;

import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ResizeRunning;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.router.Resize.State;
import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the number of shards while requests run.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="8">The ring of so many shards takes the place of the present one in steps ({@link
 *                 Migration}): each hands over all that one shard gives to others, and only that
 *                 one is quiesced for it. So only keys move that have to, each once, and there are
 *                 no more steps than shards.
 *   <li value="9">A step is bounded. One that can't be made, as when a shard is quarantined, is
 *                 tried again until it can be: what is half done is consistent, but nobody wants
 *                 it.
 *   <li value="10">Nothing of it is on disk, where no entry has a shard: a crash in the middle
 *                  leaves what a crash leaves at any time, and the next start has the number that
 *                  is configured.
 * </ol>
 *
 * <p>States: idle or done ──resize──▶ moving ──all steps made──▶ done.
 *
 * <p>Threads: safe for all; the steps are made by one thread at a time.
 */
public final class Resizer {

  /** Is told of what is done; must return at once. */
  public interface Listener {
    /** A step was made, for which requests to its source waited so long at most. */
    void stepped(Duration stood);

    /** There are as many shards as was asked for. */
    void resized(int from, int to);
  }

  private static final Logger log = LoggerFactory.getLogger(Resizer.class);
  private static final long RETRY_NANOS = 50_000_000;

  private final ShardWorkers workers;
  private final Listener listener;
  private final Executor mover;
  private final LongConsumer parkNanos;
  private final LongSupplier nanoTime;
  private volatile HashRing ring;
  private volatile Resize resize;
  private volatile long began;

  /**
   * Of a table that lives by this ring.
   *
   * @param mover runs the steps, on a thread that may wait
   * @param parkNanos has that thread wait
   */
  Resizer(
      ShardWorkers workers,
      HashRing ring,
      Listener listener,
      Executor mover,
      LongConsumer parkNanos,
      LongSupplier nanoTime) {
    this.workers = workers;
    this.ring = ring;
    this.listener = listener;
    this.mover = mover;
    this.parkNanos = parkNanos;
    this.nanoTime = nanoTime;
    this.resize = Resize.none(ring.weights().size());
  }

  /** The ring as it is, or will be when what moves has moved. */
  public HashRing ring() {
    return ring;
  }

  /** How far the last change has come. */
  public Resize progress() {
    Resize now = resize;
    return now.state() == State.MOVING ? now.in(State.MOVING, sinceItBegan()) : now;
  }

  /**
   * Begins to change the number of shards, and does not wait.
   *
   * @param count how many there shall be, 1 to {@link ShardWorkers#MAX_SHARDS}
   * @return false if there are so many, so that there is nothing to do
   * @throws ResizeRunning if the last change is not done
   * @throws IllegalArgumentException if there can't be so many
   */
  public synchronized boolean resize(int count) {
    if (count < 1 || count > ShardWorkers.MAX_SHARDS) {
      throw new IllegalArgumentException(
          "count is " + count + ": must be 1 to " + ShardWorkers.MAX_SHARDS);
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
    SortedMap<Integer, Gift> gifts = gifts(from, to);
    double share = gifts.values().stream().mapToDouble(gift -> gift.share).sum();
    began = nanoTime.getAsLong();
    resize = Resize.begun(before, count, gifts.size(), share);
    ring = to;
    log.info(
        "Resizing from {} to {} shards: {} % of the keys move, in {} steps",
        before, count, "%.1f".formatted(100 * share), gifts.size());
    try {
      mover.execute(() -> insist(() -> move(from, to, gifts)));
    } catch (Throwable e) {
      // Nobody makes the steps, so none was begun.
      ring = from;
      resize = Resize.none(before);
      throw e;
    }
    return true;
  }

  /** What one shard gives: to whom, and which part of the ring. */
  private static final class Gift {
    private final Set<Integer> targets = new TreeSet<>();
    private double share;
  }

  private static SortedMap<Integer, Gift> gifts(HashRing from, HashRing to) {
    SortedMap<Integer, Gift> gifts = new TreeMap<>();
    from.moves(to)
        .forEach((move, share) -> {
          Gift gift = gifts.computeIfAbsent(move.source(), source -> new Gift());
          gift.targets.add(move.target());
          gift.share += share;
        });
    return gifts;
  }

  /**
   * Makes the steps that are not made; may be begun again after a failure in the middle, of
   * whatever kind.
   */
  private void move(HashRing from, HashRing to, SortedMap<Integer, Gift> gifts) {
    int before = from.weights().size();
    int after = to.weights().size();
    for (int shard = before; shard < after; shard++) {
      int joining = shard;
      if (!insist(() -> workers.join(joining))) {
        return;
      }
    }
    List<Integer> sources = List.copyOf(gifts.keySet());
    while (resize.stepsDone() < sources.size()) {
      int source = sources.get(resize.stepsDone());
      Migration next = new Migration(from, to, source + 1);
      if (!insist(() -> handOver(source, Objects.requireNonNull(gifts.get(source)), next))) {
        return;
      }
    }
    workers.place(new Settled(to));
    for (int shard = before - 1; shard >= after; shard--) {
      int leaving = shard;
      if (!insist(() -> leave(leaving))) {
        return;
      }
    }
    end(before, after);
  }

  /** If it can't be counted, it is made again, and finds nothing that has to move. */
  private void handOver(int source, Gift gift, Migration next) {
    Duration stood = workers.handOver(source, gift.targets, next);
    resize = resize.stepped(gift.share);
    tell(() -> listener.stepped(stood));
  }

  /** Unless it has left, and only its listeners failed. */
  private void leave(int shard) {
    if (workers.shards().contains(shard)) {
      workers.leave(shard);
    }
  }

  /** What a listener does is no reason to make a step again. */
  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (Throwable e) {
      log.error("A listener to resizing failed", e);
    }
  }

  private void end(int before, int after) {
    Duration took = sinceItBegan();
    resize = resize.in(State.DONE, took);
    tell(() -> listener.resized(before, after));
    log.info(
        "Resized from {} to {} shards in {} ms; the next start has the number that is configured:"
            + " nebula.shards.count",
        before,
        after,
        took.toMillis());
  }

  /** Makes a step, sooner or later, whatever it throws; false if the server stops first. */
  private boolean insist(Runnable step) {
    while (workers.isRunning()) {
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
    rest();
  }

  /** All of the time: the last step, or who was woken by it, may have left a permit behind. */
  private void rest() {
    long until = nanoTime.getAsLong() + RETRY_NANOS;
    for (long left = RETRY_NANOS; left > 0; left = until - nanoTime.getAsLong()) {
      parkNanos.accept(left);
    }
  }

  private Duration sinceItBegan() {
    return Duration.ofNanos(nanoTime.getAsLong() - began);
  }
}
