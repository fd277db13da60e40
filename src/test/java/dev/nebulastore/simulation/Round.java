package dev.nebulastore.simulation;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ResizeRunning;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.router.Resize;
import dev.nebulastore.router.Resizer;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.router.SimulatedRouter;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.shard.Shards;
import dev.nebulastore.shard.SimulatedShards;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.supervision.SimulatedSupervision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One round of the simulation, determined by one seed. A few clients work on a few keys in a few
 * shards while faults are injected. Then the faults end, all keys are read, and everything that was
 * observed is checked.
 *
 * <p>Threads: confined to one thread.
 */
final class Round {

  private static final int MOST_SHARDS = 4;
  private static final Duration MOST = Duration.ofMillis(500);

  private final long seed;
  private final Tally tally;
  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final Faults faults;
  private final Ledger ledger = new Ledger();
  private final FaultyEngine engine;
  private final Watcher watcher;
  private final Shards shards;
  private final ShardRouter router;
  private final Resizer resizer;
  private final SimulatedSupervision supervision;
  private final Duration deadline;
  private final Duration barrier;
  private final int keys;
  private final Map<Integer, Entry> seen = new HashMap<>();
  private int values;
  private int working;
  private boolean calm;
  private boolean over;

  private Round(long seed, Tally tally) {
    this.seed = seed;
    this.tally = tally;
    random = new SplittableRandom(seed);
    scheduler = new Scheduler(random, 1 + (int) Math.pow(10, random.nextDouble(2, 4.7)));
    faults = new Faults(random, scheduler, tally);
    engine =
        new FaultyEngine(
            scheduler, faults, ledger, tally, random.nextInt(4) == 0, random.nextBoolean());
    deadline = anyDuration(Faults.STUCK_AFTER.multipliedBy(3));
    barrier = anyDuration(Faults.STUCK_AFTER.dividedBy(2));
    keys = random.nextInt(1, 5);
    watcher = new Watcher(scheduler, random, ledger, tally, keys);
    shards =
        SimulatedShards.create(
            scheduler,
            random.nextInt(1, MOST_SHARDS),
            random.nextInt(2, 12),
            deadline,
            barrier,
            engine,
            new FaultyListener(faults),
            ledger,
            watcher);
    supervision =
        new SimulatedSupervision(
            shards.registry,
            random.nextInt(4),
            Faults.STUCK_AFTER,
            Faults.STUCK_AFTER.dividedBy(10),
            scheduler,
            random);
    router = SimulatedRouter.create(shards);
    resizer = SimulatedRouter.resizer(shards.registry, scheduler);
  }

  /**
   * The result of a round.
   *
   * @param breaches all violations
   * @param trace a hash of all steps, which differs if any step differs
   */
  record Result(long seed, List<String> breaches, long trace, long steps, Ledger ledger) {}

  /** Runs the round of a seed. */
  static Result run(long seed, Tally tally) {
    return new Round(seed, tally).run();
  }

  private Duration anyDuration(Duration about) {
    return Duration.ofNanos(about.toNanos() / random.nextInt(1, 20));
  }

  private Result run() {
    List<String> breaches = new ArrayList<>();
    try {
      live();
    } catch (Scheduler.Endless e) {
      breaches.add(e.getMessage() + "; " + resizer.progress() + "; " + shards.registry.statuses());
    }
    breaches.addAll(ledger.breaches());
    return new Result(seed, breaches, scheduler.trace(), scheduler.steps(), ledger);
  }

  private void live() {
    engine.start();
    shards.start();
    watcher.start();
    scheduler.start("watcher", watcher::run);
    scheduler.start("supervision", this::supervise);
    scheduler.start("killer", this::kill);
    scheduler.start("operator", this::resize);
    int clients = random.nextInt(1, 5);
    int acts = 2 + random.nextInt(20 / clients);
    int pause = 1 + (int) Math.pow(10, random.nextDouble(3, 8));
    int transactions = random.nextInt(3) == 0 ? 0 : random.nextInt(60);
    for (int i = 0; i < clients; i++) {
      Client client =
          new Client(
              "c" + i,
              scheduler,
              router,
              ledger,
              tally,
              random,
              keys,
              seen,
              () -> ++values,
              i % 2 == 1,
              deadline.toNanos(),
              acts,
              pause,
              transactions,
              faults::whenTold);
      working++;
      scheduler.start(
          "client-" + i,
          () -> {
            client.run();
            working--;
          });
    }
    scheduler.run(() -> working == 0);
    calm = true;
    faults.calmDown();
    scheduler.run(faults::areOver);
    runUntilWritable();
    runUntilResized();
    working++;
    scheduler.start("epilogue", this::readAll);
    scheduler.run(() -> working == 0);
    runUntilTold();
    over = true;
    scheduler.runOut();
  }

  /** Once the faults have ended, the disk must become writable again in time. */
  private void runUntilWritable() {
    long until = scheduler.nanoTime() + MOST.multipliedBy(20).toNanos();
    scheduler.run(() -> isWritable() || scheduler.nanoTime() > until);
    ledger.require(isWritable(), "the disk is not writable again: " + engine.condition());
  }

  private boolean isWritable() {
    return engine.condition().state() == Condition.State.WRITABLE;
  }

  /** Once the faults have ended, a resize must end in time. */
  private void runUntilResized() {
    long until = scheduler.nanoTime() + MOST.multipliedBy(20).toNanos();
    scheduler.run(() -> !isResizing() || scheduler.nanoTime() > until);
    ledger.require(!isResizing(), "the resize does not end: " + resizer.progress());
  }

  /** Once the faults have ended, the watcher must receive all changes in time. */
  private void runUntilTold() {
    long until = scheduler.nanoTime() + MOST.multipliedBy(20).toNanos();
    scheduler.run(() -> watcher.isUpToDate() || scheduler.nanoTime() > until);
    ledger.require(watcher.isUpToDate(), "a watcher did not receive a change");
  }

  /** Runs the checks of the supervisor. At the end of the round it stops all other threads. */
  private void supervise() {
    while (!over) {
      supervision.look();
      scheduler.parkNanos(this, Faults.STUCK_AFTER.dividedBy(10).toNanos());
    }
    supervision.stop();
    watcher.end();
    shards.registry.shards().forEach(this::quarantine);
    engine.close();
  }

  /**
   * Quarantines a shard for good, since no supervisor revives it any more. Retries if a worker that
   * died was replaced meanwhile.
   */
  private void quarantine(int shard) {
    while (shards.registry.status(shard).state() != State.QUARANTINED) {
      shards.registry.quarantine(
          shard, shards.registry.status(shard).generation(), Duration.ofSeconds(1));
    }
  }

  /** Kills workers at random times. */
  private void kill() {
    int kills = random.nextBoolean() ? random.nextInt(6) : 0;
    int pause = 1 + (int) Math.pow(10, random.nextDouble(4, 8));
    for (int i = 0; i < kills && !over; i++) {
      scheduler.parkNanos(this, random.nextInt(pause));
      try {
        shards.registry.kill(random.nextInt(MOST_SHARDS));
        tally.count(Tally.Event.KILLED);
      } catch (ShardFailure | NoSuchShard e) {
        scheduler.mark(i);
      }
    }
  }

  /** Changes the number of shards at random times. */
  private void resize() {
    int resizes = random.nextBoolean() ? random.nextInt(4) : 0;
    int pause = 1 + (int) Math.pow(10, random.nextDouble(4, 8));
    for (int i = 0; i < resizes; i++) {
      scheduler.parkNanos(this, random.nextInt(pause));
      try {
        if (!calm && resizer.resize(random.nextInt(1, MOST_SHARDS + 1))) {
          tally.count(Tally.Event.RESIZED);
        }
      } catch (ResizeRunning e) {
        scheduler.mark(i);
      }
    }
  }

  private boolean isResizing() {
    return resizer.progress().state() == Resize.State.MOVING;
  }

  /** Once the faults have ended, each key must become readable in time. */
  private void readAll() {
    for (int key = 0; key < keys; key++) {
      Act read = new Act(Act.Kind.GET, key, 0, null);
      for (int attempt = 0; !isRead(read); attempt++) {
        if (attempt == 100) {
          ledger.require(
              false, "%s is no longer served: %s".formatted(read, shards.registry.statuses()));
          break;
        }
        scheduler.parkNanos(this, MOST.dividedBy(10).toNanos());
      }
    }
    working--;
  }

  private boolean isRead(Act read) {
    long called = ledger.tick();
    try {
      var outcome = router.execute(read.command());
      ledger.answered(
          "epilogue " + read + " = " + Act.text(outcome),
          called,
          state -> read.isAnsweredBy(outcome, state) ? Optional.of(state) : Optional.empty());
      return true;
    } catch (ShardFailure e) {
      return false;
    }
  }
}
