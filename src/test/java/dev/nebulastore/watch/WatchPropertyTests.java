package dev.nebulastore.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import dev.nebulastore.time.Execution;
import dev.nebulastore.watch.Subscription.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers on several shards, and watchers that subscribe, leave, are slow and resume. Each watcher
 * receives exactly the changes that were published to the hub, in the same order, or a reset.
 */
class WatchPropertyTests {

  private static final long EPOCH = 7;
  private static final int SHARDS = 4;
  private static final int WATCHERS = 24;
  private static final int BATCHES = 1_500;

  private final Executor threads = task -> Thread.ofVirtual().start(task);

  /** All published changes in order: the change at position n has index n - 1. */
  private final List<Change> told = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void nothingIsMissedAndNothingIsToldTwice(long seed) {
    WatchHub hub =
        new WatchHub(Execution.SYSTEM, new ChangeHistory(100_000, 1L << 30), WATCHERS, EPOCH);
    run(hub, seed);
    assertThat(hub.resets()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 10, 11, 12})
  void whatIsMissedIsSaid(long seed) {
    run(new WatchHub(Execution.SYSTEM, new ChangeHistory(64, 1L << 30), WATCHERS, EPOCH), seed);
  }

  private void run(WatchHub hub, long seed) {
    hub.start();
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      int number = shard;
      writers.add(
          CompletableFuture.runAsync(
              () -> write(hub, number, new Random(31 * seed + number)), threads));
    }
    CompletableFuture<Void> written =
        CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new));
    List<CompletableFuture<Void>> watchers = new ArrayList<>();
    for (int watcher = 0; watcher < WATCHERS; watcher++) {
      Random random = new Random(-31 * seed - watcher);
      watchers.add(CompletableFuture.runAsync(() -> watch(hub, written, random), threads));
    }
    CompletableFuture.allOf(watchers.toArray(CompletableFuture[]::new))
        .orTimeout(2, TimeUnit.MINUTES)
        .join();
    hub.end();
    assertThat(hub.subscribers()).isZero();
  }

  /** Only one thread writes the keys of a shard. The lock only keeps the list in order. */
  @SuppressWarnings("ThreadPriorityCheck")
  private void write(WatchHub hub, int shard, Random random) {
    long revision = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      List<Change> changes = new ArrayList<>();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        String key = "k" + shard + "/" + random.nextInt(6);
        revision++;
        changes.add(
            random.nextInt(4) == 0 ? Changes.delete(key, revision) : Changes.put(key, revision));
      }
      synchronized (told) {
        told.addAll(changes);
        hub.committed(shard, changes);
      }
      if (random.nextInt(3) == 0) {
        Thread.yield();
      }
    }
  }

  private static WatchTarget interest(Random random) {
    String shard = "k" + random.nextInt(SHARDS);
    return switch (random.nextInt(5)) {
      case 0 -> WatchTarget.inPrefix("");
      case 1 -> WatchTarget.inPrefix(shard + "/");
      case 2 -> WatchTarget.inKey(Key.of("never written"));
      default -> WatchTarget.inKey(Key.of(shard + "/" + random.nextInt(6)));
    };
  }

  /** Watches until everything is written and received; checks each event against the list. */
  private void watch(WatchHub hub, CompletableFuture<Void> written, Random random) {
    WatchTarget interest = interest(random);
    EventId position = null;
    boolean over = false;
    while (!over) {
      try (Subscription watching = hub.open(interest, position)) {
        int events = random.nextInt(1, 40);
        for (int i = 0; i < events && !over; i++) {
          boolean last = written.isDone();
          Event event =
              watching.next(Duration.ofNanos(random.nextBoolean() ? 0 : random.nextInt(200_000)));
          if (position != null) {
            check(interest, position.sequence(), event);
          }
          position = event.id();
          over = last && event instanceof Event.Nothing && position.sequence() == count();
        }
      }
    }
  }

  private long count() {
    synchronized (told) {
      return told.size();
    }
  }

  private void check(WatchTarget interest, long from, Event event) {
    long to = event.id().sequence();
    List<Change> between;
    synchronized (told) {
      assertThat(to).isBetween(from, (long) told.size());
      between = List.copyOf(told.subList((int) from, (int) to));
    }
    switch (event) {
      case Event.Changed(EventId _, Change change) -> {
        assertThat(between).last().isSameAs(change);
        assertThat(interest.matches(change.key())).isTrue();
        assertThat(between.subList(0, between.size() - 1))
            .noneMatch(missed -> interest.matches(missed.key()));
      }
      case Event.Nothing _ ->
          assertThat(between).noneMatch(missed -> interest.matches(missed.key()));
      case Event.Reset _ -> {}
      case Event.Ended _ -> throw new AssertionError("Nobody has ended it");
    }
  }
}
