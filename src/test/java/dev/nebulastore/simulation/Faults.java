package dev.nebulastore.simulation;

import dev.nebulastore.storage.rocksdb.SimulatedCommits.DiskFailure;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Decides by the seed which faults occur and how often. Each round has only some kinds of faults,
 * so that none masks another.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class Faults {

  /** How long a worker may make no progress. Most other durations are derived from it. */
  static final Duration STUCK_AFTER = Duration.ofMillis(100);

  private static final double RARELY = 0.004;
  private static final String SIMULATED = "simulated";

  /** An Error of a type that no code handles specifically. */
  private static final class UnheardOf extends Error {
    UnheardOf() {
      super(SIMULATED);
    }
  }

  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final Tally tally;
  private final double yields;
  private final double dies;
  private final double stumbles;
  private final double sticks;
  private final double refusesToOpen;
  private final double cold;
  private final double breaks;
  private final double corrupts;
  private final double full;
  private final int diskNanos;
  private boolean calm;
  private int stuck;

  Faults(RandomGenerator random, Scheduler scheduler, Tally tally) {
    this.random = random;
    this.scheduler = scheduler;
    this.tally = tally;
    yields = random.nextDouble() * random.nextDouble();
    dies = sometimes(2, RARELY * 2);
    sticks = sometimes(2, RARELY * 2);
    refusesToOpen = sometimes(4, 0.3);
    cold = sometimes(2, 0.5);
    breaks = sometimes(3, 0.5);
    corrupts = sometimes(6, 0.1);
    full = sometimes(6, 0.05);
    stumbles = sometimes(3, 0.3);
    diskNanos = 1 + (int) Math.pow(10, random.nextDouble(3, 7.5));
  }

  /** A probability of at most {@code most} in one of {@code rounds} rounds, otherwise 0. */
  private double sometimes(int rounds, double most) {
    return random.nextInt(rounds) == 0 ? random.nextDouble() * most : 0;
  }

  private boolean by(double chance) {
    return chance > 0 && !calm && random.nextDouble() < chance;
  }

  /** Ends the faults: from now on none is injected. */
  void calmDown() {
    calm = true;
  }

  boolean areOver() {
    return calm && stuck == 0;
  }

  /**
   * A point in a call of the store where other threads may run, and the caller may get stuck or
   * die.
   */
  void amid() {
    pause();
    if (scheduler.isRunning() && by(dies) && scheduler.running().mayDie()) {
      tally.count(Tally.Event.DIED);
      throwAnything();
    }
  }

  /** A point where nothing may fail, but other threads may run, and the caller may get stuck. */
  // Error Prone warns of yielding, since correctness must not depend on it. Here the scheduler
  // controls which thread runs next.
  @SuppressWarnings("ThreadPriorityCheck")
  void pause() {
    if (!scheduler.isRunning()) {
      return;
    }
    if (random.nextDouble() < yields) {
      Thread.yield();
    }
    if (by(sticks)) {
      stick();
    }
  }

  private void stick() {
    tally.count(Tally.Event.STUCK);
    stuck++;
    scheduler.hold((long) (random.nextDouble() * random.nextDouble() * 8 * STUCK_AFTER.toNanos()));
    stuck--;
  }

  private void throwAnything() {
    switch (random.nextInt(4)) {
      case 0 -> throw new OutOfMemoryError(SIMULATED);
      case 1 -> throw new StackOverflowError(SIMULATED);
      case 2 -> throw new UnheardOf();
      default -> throw new IllegalStateException(SIMULATED);
    }
  }

  /** Whether a fault of the simulation threw this. */
  static boolean isSimulated(Throwable e) {
    return SIMULATED.equals(e.getMessage());
  }

  /** Throws if the engine is to refuse to open a store. */
  void whenOpened() {
    if (scheduler.isRunning() && by(refusesToOpen)) {
      tally.count(Tally.Event.NOT_OPENED);
      throwAnything();
    }
  }

  /** Throws if a listener is to fail when it is notified. */
  void whenTold() {
    if (scheduler.isRunning() && by(stumbles)) {
      tally.count(Tally.Event.STUMBLED);
      throwAnything();
    }
  }

  /** Whether a lookup does not find its key in memory. */
  boolean isCold() {
    return random.nextDouble() < cold;
  }

  boolean corrupts() {
    return by(corrupts);
  }

  boolean hasNoRoom() {
    return by(full);
  }

  boolean breaksTheDisk() {
    return by(breaks);
  }

  /** Throws a failure of the disk, or sometimes another error. */
  void breakTheDisk() throws DiskFailure {
    int how = random.nextInt(6);
    if (how == 0) {
      throwAnything();
    }
    throw new DiskFailure(how == 1);
  }

  /** Whether the group that was in flight when the disk failed is present afterwards. */
  boolean turnsUp() {
    return random.nextBoolean();
  }

  /** The duration of one operation of the disk. */
  long diskNanos() {
    return random.nextInt(diskNanos);
  }

  /** A random number from 1 to {@code most}. */
  int atOnce(int most) {
    return 1 + random.nextInt(most);
  }
}
