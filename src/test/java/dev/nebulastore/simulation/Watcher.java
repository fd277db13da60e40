package dev.nebulastore.simulation;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Key;
import dev.nebulastore.watch.EventId;
import dev.nebulastore.watch.SimulatedWatch;
import dev.nebulastore.watch.Subscription;
import dev.nebulastore.watch.Subscription.Event;
import dev.nebulastore.watch.WatchTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client that watches one key or all keys. It checks that it receives each change once and in
 * order, unless a reset says that it may have missed some.
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class Watcher implements ChangeListener {

  /** A change in the history; {@code change} is null if it is uncertain. */
  private record Recorded(Key key, @Nullable Change change) {}

  private static final int MAX_HISTORY = 40;

  private final SimulatedWatch watch;
  private final RandomGenerator random;
  private final Ledger ledger;
  private final Tally tally;
  private final int history;
  private final @Nullable Key key;
  private final List<Recorded> recorded = new ArrayList<>();
  private long last;

  Watcher(Scheduler scheduler, RandomGenerator random, Ledger ledger, Tally tally, int keys) {
    this.random = random;
    this.ledger = ledger;
    this.tally = tally;
    history = random.nextInt(1, MAX_HISTORY);
    watch = new SimulatedWatch(scheduler, history);
    key = random.nextBoolean() ? Act.name(random.nextInt(keys)) : null;
  }

  void start() {
    watch.start();
  }

  void end() {
    watch.end();
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    changes.forEach(change -> recorded.add(new Recorded(change.key(), change)));
    watch.hub().committed(shard, changes);
  }

  @Override
  public void uncertain(int shard, List<Change> changes) {
    changes.forEach(change -> recorded.add(new Recorded(change.key(), null)));
    watch.hub().uncertain(shard, changes);
  }

  /** Watches until the hub ends. */
  void run() {
    int pause = 1 + (int) Math.pow(10, random.nextDouble(5.5, 8.5));
    try (Subscription subscription =
        watch.hub().open(key == null ? WatchTarget.inPrefix("") : WatchTarget.inKey(key), null)) {
      last = recorded.size();
      while (check(subscription.next(Duration.ofNanos(random.nextInt(pause))))) {
        tally.count(Tally.Event.WATCHED);
      }
    }
  }

  /** Checks an event; returns false after the last one. */
  private boolean check(Event event) {
    long place = event.id().sequence();
    ledger.require(place >= last, "a position went back from " + last + " to " + place);
    switch (event) {
      case Event.Changed(EventId _, Change change) -> {
        requireNothingMissed(place - 1);
        ledger.require(
            change.equals(recorded.get((int) place - 1).change()), "not the change at " + place);
      }
      case Event.Nothing _ -> requireNothingMissed(place);
      case Event.Reset _ -> {
        boolean overrun = place - last > history;
        boolean uncertain =
            recorded.subList((int) last, (int) place).stream()
                .anyMatch(one -> one.change() == null);
        ledger.require(overrun || uncertain, "an unnecessary reset at " + place);
      }
      case Event.Ended _ -> {
        return false;
      }
    }
    last = place;
    return true;
  }

  private void requireNothingMissed(long until) {
    for (long place = last + 1; place <= until; place++) {
      Key changed = recorded.get((int) place - 1).key();
      ledger.require(key != null && !changed.equals(key), "a watcher missed change " + place);
    }
  }

  /** Whether it has received all changes of the keys that it watches. */
  boolean isUpToDate() {
    for (long place = last + 1; place <= recorded.size(); place++) {
      if (key == null || recorded.get((int) place - 1).key().equals(key)) {
        return false;
      }
    }
    return true;
  }
}
