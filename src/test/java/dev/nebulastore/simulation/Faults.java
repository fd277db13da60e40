package dev.nebulastore.simulation;

import dev.nebulastore.storage.rocksdb.SimulatedCommits.DiskFailure;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What goes wrong, and how often, by seed: each round has some kinds of faults and not others, so
 * that none hides behind another.
 *
 * <p>Threads: confined to the simulation's.
 */
final class Faults {

  /** How long a worker may make no progress; the other times go by it. */
  static final Duration STUCK_AFTER = Duration.ofMillis(100);

  private static final double RARELY = 0.004;
  private static final String SIMULATED = "simulated";

  /** An Error of which nobody knows. */
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

  /** Up to so much in one of so many rounds, else nothing. */
  private double sometimes(int rounds, double most) {
    return random.nextInt(rounds) == 0 ? random.nextDouble() * most : 0;
  }

  private boolean by(double chance) {
    return chance > 0 && !calm && random.nextDouble() < chance;
  }

  /** Nothing goes wrong any more. */
  void calmDown() {
    calm = true;
  }

  boolean areOver() {
    return calm && stuck == 0;
  }

  /** In the middle of a call of the store: others run, or the caller is stuck, or dies. */
  void amid() {
    pause();
    if (scheduler.isRunning() && by(dies) && scheduler.running().mayDie()) {
      tally.count(Tally.Event.DIED);
      throwAnything();
    }
  }

  /** Where nothing may fail: others run, or the caller is stuck. */
  // Error Prone warns of yielding, since correctness must not hang on it; here nothing else runs.
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

  /** Whether this was thrown here. */
  static boolean isSimulated(Throwable e) {
    return SIMULATED.equals(e.getMessage());
  }

  /** Whether an engine refuses to open a store. */
  void whenOpened() {
    if (scheduler.isRunning() && by(refusesToOpen)) {
      tally.count(Tally.Event.NOT_OPENED);
      throwAnything();
    }
  }

  /** Whether a listener fails on what it is told. */
  void whenTold() {
    if (scheduler.isRunning() && by(stumbles)) {
      tally.count(Tally.Event.STUMBLED);
      throwAnything();
    }
  }

  /** Whether what is looked up is not in memory. */
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

  /** Fails like a disk, mostly. */
  void breakTheDisk() throws DiskFailure {
    int how = random.nextInt(6);
    if (how == 0) {
      throwAnything();
    }
    throw new DiskFailure(how == 1);
  }

  /** Whether what was in flight when the disk broke is there afterwards. */
  boolean turnsUp() {
    return random.nextBoolean();
  }

  /** How long the disk takes for one thing. */
  long diskNanos() {
    return random.nextInt(diskNanos);
  }

  /** How many of so many are done at once. */
  int atOnce(int most) {
    return 1 + random.nextInt(most);
  }
}
