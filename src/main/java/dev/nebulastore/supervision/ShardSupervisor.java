package dev.nebulastore.supervision;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every shard served: the port of an OTP supervisor, one for one.
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="6">A death is an event: the dying worker's last act calls {@link #died}, which
 *                 replaces it on the spot. A regular {@link #look} finds the stuck, who can't tell,
 *                 and the dead whose last act failed. Both lead to {@link #heal}, and the table
 *                 replaces a generation at most once.
 *   <li value="6">Stuck is a worker that has made no progress for {@code stuck-after} while work
 *                 waits. Only time in which the supervisor looked counts, so a process that was
 *                 stopped as a whole finds no stuck workers when it goes on.
 *   <li value="7">More than {@code max-restarts} within the sliding window set the shard aside. It
 *                 is given a worker again after a delay; one that dies again within the window's
 *                 length is set aside at once, for twice as long and so on; one that lives longer
 *                 begins anew.
 * </ol>
 *
 * <p>States of a shard: serving ──died, stuck──▶ serving (next generation) or, too often, set aside
 * ──delay──▶ serving on probation ──lives──▶ serving; ──dies──▶ set aside, longer.
 *
 * <p>Threads: guarded by the lock; called by dying and beginning workers, and by the one platform
 * thread that looks: virtual threads may all be stuck when it is needed.
 */
public final class ShardSupervisor implements ShardWorkers.Listener {

  /** Is told of what the supervisor does; must return at once. */
  public interface Listener {
    /**
     * The shard's worker was replaced for this reason, and its successor serves after this time.
     */
    void restarted(int shard, Reason reason, Duration timeToHeal);

    /** The shard rests for this long. */
    void setAside(int shard, Duration delay);

    /** The shard that rested was given a worker again. */
    void revived(int shard);
  }

  private static final Logger log = LoggerFactory.getLogger(ShardSupervisor.class);
  private static final int MAX_DOUBLINGS = 20;

  private final ShardWorkers workers;
  private final SupervisionProperties properties;
  private final LongSupplier nanoTime;
  private final RandomGenerator jitter;
  private final List<Listener> listeners;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Integer, Ward> wards = new HashMap<>();

  @GuardedBy("lock")
  private long lastLook;

  ShardSupervisor(
      ShardWorkers workers,
      SupervisionProperties properties,
      LongSupplier nanoTime,
      RandomGenerator jitter,
      List<Listener> listeners) {
    this.workers = workers;
    this.properties = properties;
    this.nanoTime = nanoTime;
    this.jitter = jitter;
    this.listeners = List.copyOf(listeners);
    this.lastLook = nanoTime.getAsLong();
  }

  /** What was done about one shard. */
  public SupervisionReport report(int shard) {
    lock.lock();
    try {
      return ward(shard).report();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void died(int shard, long generation, Throwable cause) {
    lock.lock();
    try {
      Reason reason = cause instanceof ShardWorkers.Killed ? Reason.KILLED : Reason.DIED;
      heal(shard, generation, reason, cause.toString());
      if (reason == Reason.DIED) {
        log.error("Shard {} generation {} died", shard, generation, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void serving(int shard, long generation) {
    lock.lock();
    try {
      Reason reason = ward(shard).healed(nanoTime.getAsLong());
      if (reason != null) {
        Duration timeToHeal = ward(shard).report().lastTimeToHeal().orElseThrow();
        log.warn(
            "Shard {} was {}; generation {} serves since {} µs later",
            shard,
            reason,
            generation,
            timeToHeal.toNanos() / 1_000);
        listeners.forEach(listener -> listener.restarted(shard, reason, timeToHeal));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Looks once at every shard: replaces the stuck and the dead, and revives who has rested. */
  void look() {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      long elapsed = Math.min(now - lastLook, 2 * properties.interval().toNanos());
      lastLook = now;
      for (ShardStatus status : workers.statuses()) {
        switch (status.state()) {
          case SERVING -> healIfStuck(status, elapsed);
          case DEAD -> heal(status.shard(), status.generation(), Reason.DIED, "found dead");
          case SET_ASIDE -> reviveIfRested(status.shard(), now);
          case STOPPED -> {}
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void healIfStuck(ShardStatus status, long elapsed) {
    Ward ward = ward(status.shard());
    boolean unchanged =
        status.busy()
            && status.generation() == ward.seenGeneration
            && status.progress() == ward.seenProgress;
    ward.seenGeneration = status.generation();
    ward.seenProgress = status.progress();
    ward.unchangedFor = unchanged ? ward.unchangedFor + elapsed : 0;
    if (ward.unchangedFor >= properties.stuckAfter().toNanos()) {
      ward.unchangedFor = 0;
      heal(
          status.shard(),
          status.generation(),
          Reason.STUCK,
          "no progress for " + properties.stuckAfter().toMillis() + " ms");
    }
  }

  @GuardedBy("lock")
  private void reviveIfRested(int shard, long now) {
    Ward ward = ward(shard);
    if (now - ward.retryAt >= 0) {
      ward.revivedAt = now;
      ward.intensity.clear();
      workers.revive(shard);
      log.warn("Shard {} has rested and serves again", shard);
      listeners.forEach(listener -> listener.revived(shard));
    }
  }

  @GuardedBy("lock")
  private void heal(int shard, long generation, Reason reason, String cause) {
    if (workers.status(shard).generation() != generation) {
      return;
    }
    long now = nanoTime.getAsLong();
    Ward ward = ward(shard);
    boolean relapsed =
        ward.revivedAt != null && now - ward.revivedAt <= properties.within().toNanos();
    if (!relapsed) {
      ward.attempts = 0;
    }
    if (relapsed || ward.intensity.exceededBy(now)) {
      setAside(ward, shard, generation, cause, now);
    } else if (workers.replace(shard, generation)) {
      ward.restarted(reason, cause, now);
    }
  }

  @GuardedBy("lock")
  private void setAside(Ward ward, int shard, long generation, String cause, long now) {
    Duration delay = nextDelay(ward.attempts);
    if (workers.setAside(shard, generation, delay)) {
      ward.attempts++;
      ward.retryAt = now + delay.toNanos();
      ward.wasSetAside(cause);
      log.error(
          "Shard {} died too often and is set aside for {} ms; the last cause: {}",
          shard,
          delay.toMillis(),
          cause);
      listeners.forEach(listener -> listener.setAside(shard, delay));
    }
  }

  private Duration nextDelay(int attempts) {
    long doubled = properties.retryDelay().toNanos() << Math.min(attempts, MAX_DOUBLINGS);
    long varied = (long) ((double) doubled * jitter.nextDouble(0.8, 1.2));
    return Duration.ofNanos(Math.min(varied, properties.maxRetryDelay().toNanos()));
  }

  @GuardedBy("lock")
  private Ward ward(int shard) {
    return wards.computeIfAbsent(
        shard,
        s -> new Ward(s, new RestartIntensity(properties.maxRestarts(), properties.within())));
  }
}
