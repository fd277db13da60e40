package dev.nebulastore.supervision;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.shard.ShardListener;
import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.shard.WorkerKilled;
import dev.nebulastore.supervision.SupervisionReport.Reason;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Replaces workers that died or got stuck: the port of an OTP supervisor with the strategy "one for
 * one".
 *
 * <p>Design notes (the numbers are those of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="6">A death is an event: the last act of a dying worker calls {@link #died}, which
 *                 replaces it at once. A regular {@link #look} finds workers that are stuck, and
 *                 those that died without a report. Both lead to {@link #heal}, and the registry
 *                 replaces a generation at most once.
 *   <li value="6">A worker is stuck when it has made no progress for {@code stuck-after} while work
 *                 waits. Only time in which it could have run counts (11, {@link CarrierWatch}): a
 *                 worker that had no processor is never replaced for that. If no virtual thread
 *                 runs any more, no worker is replaced, since its successor would not run either;
 *                 that is reported.
 *   <li value="7">More than {@code max-restarts} within the sliding window quarantine the shard.
 *                 After a delay it is given a worker again. If that dies within the length of the
 *                 window, the shard is quarantined at once, for twice as long and so on; if it
 *                 lives longer, counting starts from zero.
 * </ol>
 *
 * <p>States of a shard: serving ──died, stuck──▶ serving (next generation) or, too often,
 * quarantined ──delay──▶ serving on probation ──lives──▶ serving; ──dies──▶ quarantined, longer.
 *
 * <p>Threads: guarded by the lock; called by workers that start or die, and by the one platform
 * thread that looks, since all virtual threads may be stuck when it is needed.
 */
public final class ShardSupervisor implements ShardListener {

  /** Is notified of what the supervisor does; must return at once. */
  public interface Listener {
    /**
     * The shard's worker was replaced for this reason, and its successor serves after this time.
     */
    void restarted(int shard, Reason reason, Duration timeToHeal);

    /** The shard was quarantined for this long. */
    void quarantined(int shard, Duration delay);

    /** The shard that was quarantined was given a worker again. */
    void revived(int shard);

    /** The carriers run no virtual thread any more, or do again. */
    default void carriersHeld(boolean held) {}
  }

  /** The scheduler of {@link #look}, which has a platform thread of its own. */
  static final String SCHEDULER = "supervisionScheduler";

  private static final Logger log = LoggerFactory.getLogger(ShardSupervisor.class);

  private final ShardRegistry registry;
  private final SupervisionProperties properties;
  private final Execution execution;
  private final QuarantineBackoff backoff;
  private final List<Listener> listeners;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<Integer, SupervisedShard> shards = new HashMap<>();

  @GuardedBy("lock")
  private final CarrierWatch carrierWatch;

  private volatile boolean carriersHeld;

  ShardSupervisor(
      ShardRegistry registry,
      SupervisionProperties properties,
      Execution execution,
      Carriers carriers,
      RandomGenerator jitter,
      List<Listener> listeners) {
    this.registry = registry;
    this.properties = properties;
    this.execution = execution;
    this.backoff =
        new QuarantineBackoff(properties.retryDelay(), properties.maxRetryDelay(), jitter);
    this.listeners = List.copyOf(listeners);
    this.carrierWatch =
        new CarrierWatch(
            carriers, properties.interval(), properties.stuckAfter(), execution.nanoTime());
  }

  /** Whether the carriers run no virtual thread any more, so that no shard serves. */
  public boolean carriersHeld() {
    return carriersHeld;
  }

  /** What was done about one shard. */
  public SupervisionReport report(int shard) {
    lock.lock();
    try {
      return supervised(shard).report();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void died(int shard, long generation, Throwable cause) {
    boolean killed = cause instanceof WorkerKilled;
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
    // Logged last, without the lock: a slow log must not delay the healing of other shards.
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
      Reason reason = supervised(shard).healed(execution.nanoTime());
      if (reason == null) {
        return;
      }
      timeToHeal = supervised(shard).report().lastTimeToHeal().orElseThrow();
      tell(listener -> listener.restarted(shard, reason, timeToHeal));
    } finally {
      lock.unlock();
    }
    log.info(
        "Shard {} generation {} serves, {} µs after its predecessor ended",
        shard,
        generation,
        timeToHeal.toNanos() / 1_000);
  }

  /** Looks once at every shard: replaces workers that are stuck or dead, and ends quarantines. */
  @Scheduled(fixedDelayString = "#{@supervisionInterval}", scheduler = SCHEDULER)
  void look() {
    lock.lock();
    try {
      long now = execution.nanoTime();
      long usable = carrierWatch.look(now);
      List<ShardStatus> statuses = registry.statuses();
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

  /** A shard that can't be healed, as when its engine refuses, does not hold up the others. */
  @GuardedBy("lock")
  private void lookAt(ShardStatus status, long usable, long now) {
    SupervisedShard supervised = supervised(status.shard());
    try {
      switch (status.state()) {
        case SERVING -> healIfStuck(status, usable);
        case DEAD -> healUnreported(status);
        case QUARANTINED -> reviveIfRested(status.shard(), now);
        case STOPPED -> {}
      }
      supervised.isHealable();
    } catch (RuntimeException | Error e) {
      if (!registry.shards().contains(status.shard())) {
        return; // It was removed since its status was read, and needs no worker.
      }
      if (supervised.becameUnhealable()) {
        log.error(
            "Shard {} generation {} can't be given a new worker; it is tried again every {} ms",
            status.shard(),
            status.generation(),
            properties.interval().toMillis(),
            e);
      }
    }
  }

  @GuardedBy("lock")
  private void healUnreported(ShardStatus status) {
    if (heal(status.shard(), status.generation(), Reason.DIED, "found dead")) {
      log.error("Shard {} generation {} was found dead", status.shard(), status.generation());
    }
  }

  @GuardedBy("lock")
  private void healIfStuck(ShardStatus status, long usable) {
    if (!supervised(status.shard()).isStuck(status, usable, properties.stuckAfter())) {
      return;
    }
    String cause = "no progress for " + properties.stuckAfter().toMillis() + " ms";
    if (heal(status.shard(), status.generation(), Reason.STUCK, cause)) {
      log.warn(
          "Shard {} generation {} was stuck: {} while work waited",
          status.shard(),
          status.generation(),
          cause);
    }
  }

  @GuardedBy("lock")
  private void reviveIfRested(int shard, long now) {
    SupervisedShard supervised = supervised(shard);
    if (supervised.isRested(now)) {
      supervised.revived(now);
      registry.revive(shard);
      log.info(
          "Shard {} generation {} serves after the shard's quarantine",
          shard,
          registry.status(shard).generation());
      tell(listener -> listener.revived(shard));
    }
  }

  /** Replaces this generation, unless another one has; returns whether this call did. */
  @GuardedBy("lock")
  private boolean heal(int shard, long generation, Reason reason, String cause) {
    if (!registry.shards().contains(shard) || registry.status(shard).generation() != generation) {
      return false;
    }
    long now = execution.nanoTime();
    SupervisedShard supervised = supervised(shard);
    if (supervised.endsTooOften(now)) {
      return quarantine(supervised, shard, generation, cause, now);
    }
    boolean replaced = registry.replace(shard, generation);
    if (replaced) {
      supervised.restarted(reason, cause, now);
    }
    return replaced;
  }

  @GuardedBy("lock")
  private boolean quarantine(
      SupervisedShard supervised, int shard, long generation, String cause, long now) {
    Duration delay = backoff.delayAfter(supervised.quarantinesInARow());
    if (!registry.quarantine(shard, generation, delay)) {
      return false;
    }
    supervised.quarantined(cause, delay, now);
    log.error(
        "Shard {} ended too often and is quarantined for {} ms after generation {}: {}",
        shard,
        delay.toMillis(),
        generation,
        cause);
    tell(listener -> listener.quarantined(shard, delay));
    return true;
  }

  /** A listener that fails must not kill a worker, or keep a shard from being healed. */
  private void tell(Consumer<Listener> what) {
    for (Listener listener : listeners) {
      try {
        what.accept(listener);
      } catch (Throwable e) {
        log.error("A supervision listener failed", e);
      }
    }
  }

  @GuardedBy("lock")
  private SupervisedShard supervised(int shard) {
    return shards.computeIfAbsent(
        shard, s -> new SupervisedShard(s, properties.maxRestarts(), properties.within()));
  }
}
