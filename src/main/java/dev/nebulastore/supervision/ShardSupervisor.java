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
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

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
 *                 waits. Only time in which it could have run counts (11, {@link CarrierWatch}): a
 *                 worker that had no processor is never replaced for that. If nobody runs any more
 *                 nobody is replaced, as a successor would not run either; that is reported.
 *   <li value="7">More than {@code max-restarts} within the sliding window quarantine the shard. It
 *                 is given a worker again after a delay; one that dies again within the window's
 *                 length is quarantined at once, for twice as long and so on; one that lives longer
 *                 begins anew.
 * </ol>
 *
 * <p>States of a shard: serving ──died, stuck──▶ serving (next generation) or, too often,
 * quarantined ──delay──▶ serving on probation ──lives──▶ serving; ──dies──▶ quarantined, longer.
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

    /** The carriers of virtual threads run nobody any more, or do again. */
    default void carriersHeld(boolean held) {}
  }

  /** The scheduler of looks, which has a platform thread of its own. */
  static final String SCHEDULER = "supervisionScheduler";

  private static final Logger log = LoggerFactory.getLogger(ShardSupervisor.class);
  private static final int MAX_DOUBLINGS = 20;

  private final ShardWorkers workers;
  private final SupervisionProperties properties;
  private final LongSupplier nanoTime;
  private final RandomGenerator jitter;
  private final List<Listener> listeners;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Integer, SupervisedShard> wards = new HashMap<>();

  @GuardedBy("lock")
  private final CarrierWatch carrierWatch;

  private volatile boolean carriersHeld;

  ShardSupervisor(
      ShardWorkers workers,
      SupervisionProperties properties,
      LongSupplier nanoTime,
      Carriers carriers,
      RandomGenerator jitter,
      List<Listener> listeners) {
    this.workers = workers;
    this.properties = properties;
    this.nanoTime = nanoTime;
    this.jitter = jitter;
    this.listeners = List.copyOf(listeners);
    this.carrierWatch =
        new CarrierWatch(
            carriers, properties.interval(), properties.stuckAfter(), nanoTime.getAsLong());
  }

  /** Whether the carriers of virtual threads run nobody any more, and no shard serves therefore. */
  public boolean carriersHeld() {
    return carriersHeld;
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
    boolean killed = cause instanceof ShardWorkers.Killed;
    lock.lock();
    try {
      heal(
          shard,
          generation,
          killed ? Reason.KILLED : Reason.DIED,
          killed ? "killed on request" : cause.toString());
    } catch (RuntimeException | Error e) {
      log.warn("Shard {} has no new worker yet; the next look tries it again", shard, e);
    } finally {
      lock.unlock();
    }
    // Told last, without the lock: a log that is slow to write must not keep a shard from healing.
    if (killed) {
      log.info("Shard {} generation {} was killed on request", shard, generation);
    } else {
      log.error("Shard {} generation {} died", shard, generation, cause);
    }
  }

  @Override
  public void serving(int shard, long generation) {
    Duration timeToHeal;
    lock.lock();
    try {
      Reason reason = ward(shard).healed(nanoTime.getAsLong());
      if (reason == null) {
        return;
      }
      timeToHeal = ward(shard).report().lastTimeToHeal().orElseThrow();
      tell(listener -> listener.restarted(shard, reason, timeToHeal));
    } finally {
      lock.unlock();
    }
    log.info(
        "Shard {} generation {} serves, {} µs after the end of the one before",
        shard,
        generation,
        timeToHeal.toNanos() / 1_000);
  }

  /** Looks once at every shard: replaces the stuck and the dead, and revives who has rested. */
  @Scheduled(fixedDelayString = "#{@supervisionInterval}", scheduler = SCHEDULER)
  void look() {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      long usable = carrierWatch.look(now);
      List<ShardStatus> statuses = workers.statuses();
      if (carrierWatch.held() != carriersHeld) {
        tellOfCarriers(statuses);
      }
      for (ShardStatus status : statuses) {
        lookAt(status, usable, now);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void tellOfCarriers(List<ShardStatus> statuses) {
    carriersHeld = carrierWatch.held();
    if (carriersHeld) {
      log.error(
          "No virtual thread runs any more: all carriers are held. Shards with work to do: {}",
          statuses.stream().filter(ShardStatus::busy).map(ShardStatus::shard).toList());
    } else {
      log.warn("Virtual threads run again");
    }
    listeners.forEach(listener -> listener.carriersHeld(carriersHeld));
  }

  /** One shard that can't be helped, as when its engine refuses, keeps no other from its turn. */
  @GuardedBy("lock")
  private void lookAt(ShardStatus status, long usable, long now) {
    SupervisedShard ward = ward(status.shard());
    try {
      switch (status.state()) {
        case SERVING -> healIfStuck(status, usable);
        case DEAD -> healWhoDidNotTell(status);
        case SET_ASIDE -> reviveIfRested(status.shard(), now);
        case STOPPED -> {}
      }
      ward.beyondHelp = false;
    } catch (RuntimeException | Error e) {
      if (!workers.shards().contains(status.shard())) {
        return; // It has left since its status was read, and needs no worker.
      }
      if (!ward.beyondHelp) {
        log.error(
            "Shard {} generation {} can't be given a new worker; it is tried again every {} ms",
            status.shard(),
            status.generation(),
            properties.interval().toMillis(),
            e);
      }
      ward.beyondHelp = true;
    }
  }

  @GuardedBy("lock")
  private void healWhoDidNotTell(ShardStatus status) {
    if (heal(status.shard(), status.generation(), Reason.DIED, "found dead")) {
      log.error("Shard {} generation {} was found dead", status.shard(), status.generation());
    }
  }

  @GuardedBy("lock")
  private void healIfStuck(ShardStatus status, long usable) {
    SupervisedShard ward = ward(status.shard());
    boolean unchanged =
        status.busy()
            && status.generation() == ward.seenGeneration
            && status.progress() == ward.seenProgress;
    ward.seenGeneration = status.generation();
    ward.seenProgress = status.progress();
    ward.unchangedFor = unchanged ? ward.unchangedFor + usable : 0;
    if (ward.unchangedFor >= properties.stuckAfter().toNanos()) {
      ward.unchangedFor = 0;
      String cause = "no progress for " + properties.stuckAfter().toMillis() + " ms";
      if (heal(status.shard(), status.generation(), Reason.STUCK, cause)) {
        log.warn(
            "Shard {} generation {} was stuck: {} while work waited",
            status.shard(),
            status.generation(),
            cause);
      }
    }
  }

  @GuardedBy("lock")
  private void reviveIfRested(int shard, long now) {
    SupervisedShard ward = ward(shard);
    if (now - ward.retryAt >= 0) {
      ward.revivedAt = now;
      ward.intensity.clear();
      workers.revive(shard);
      log.info(
          "Shard {} generation {} serves after the shard's rest",
          shard,
          workers.status(shard).generation());
      tell(listener -> listener.revived(shard));
    }
  }

  /** Ends this generation's time, unless another one has come; whether it did. */
  @GuardedBy("lock")
  private boolean heal(int shard, long generation, Reason reason, String cause) {
    if (!workers.shards().contains(shard) || workers.status(shard).generation() != generation) {
      return false;
    }
    long now = nanoTime.getAsLong();
    SupervisedShard ward = ward(shard);
    boolean relapsed =
        ward.revivedAt != null && now - ward.revivedAt <= properties.within().toNanos();
    if (!relapsed) {
      ward.attempts = 0;
    }
    if (relapsed || ward.intensity.exceededBy(now)) {
      return setAside(ward, shard, generation, cause, now);
    }
    boolean replaced = workers.replace(shard, generation);
    if (replaced) {
      ward.restarted(reason, cause, now);
    }
    return replaced;
  }

  @GuardedBy("lock")
  private boolean setAside(
      SupervisedShard ward, int shard, long generation, String cause, long now) {
    Duration delay = nextDelay(ward.attempts);
    if (!workers.setAside(shard, generation, delay)) {
      return false;
    }
    ward.attempts++;
    ward.retryAt = now + delay.toNanos();
    ward.wasSetAside(cause);
    log.error(
        "Shard {} ended too often and is quarantined for {} ms after generation {}: {}",
        shard,
        delay.toMillis(),
        generation,
        cause);
    tell(listener -> listener.setAside(shard, delay));
    return true;
  }

  /** What a listener does is no reason for a worker to die, or for a shard not to be healed. */
  private void tell(Consumer<Listener> what) {
    for (Listener listener : listeners) {
      try {
        what.accept(listener);
      } catch (Throwable e) {
        log.error("A listener to supervision failed", e);
      }
    }
  }

  private Duration nextDelay(int attempts) {
    long doubled = properties.retryDelay().toNanos() << Math.min(attempts, MAX_DOUBLINGS);
    long varied = (long) ((double) doubled * jitter.nextDouble(0.8, 1.2));
    return Duration.ofNanos(Math.min(varied, properties.maxRetryDelay().toNanos()));
  }

  @GuardedBy("lock")
  private SupervisedShard ward(int shard) {
    return wards.computeIfAbsent(
        shard,
        s ->
            new SupervisedShard(
                s, new RestartIntensity(properties.maxRestarts(), properties.within())));
  }
}
