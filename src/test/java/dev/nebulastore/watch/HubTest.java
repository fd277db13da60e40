package dev.nebulastore.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import dev.nebulastore.time.Execution;
import dev.nebulastore.watch.Subscription.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A hub with a history of ten changes, for tests that commit and watch.
 *
 * <p>Threads: confined to the thread of a test, except for those that it starts.
 */
final class HubTest implements AutoCloseable {

  static final long EPOCH = 0xcafe;
  static final int HISTORY = 10;

  private static final Duration LONG = Duration.ofMinutes(2);

  final WatchHub hub;
  final FaultyHistory history = new FaultyHistory(HISTORY, 1_000_000);
  private long told;

  HubTest(int maxSubscribers) {
    hub = new WatchHub(Execution.SYSTEM, history, maxSubscribers, EPOCH);
    hub.start();
  }

  static EventId id(long sequence) {
    return new EventId(EPOCH, sequence);
  }

  Subscription open(String key) {
    return hub.open(WatchTarget.inKey(Key.of(key)), null);
  }

  Subscription openSince(String key, long sequence) {
    return hub.open(WatchTarget.inKey(Key.of(key)), id(sequence));
  }

  void commit(Change... changes) {
    told += changes.length;
    hub.committed(0, List.of(changes));
  }

  void uncertain(Change... changes) {
    told += changes.length;
    hub.uncertain(0, List.of(changes));
  }

  /** Writes of a key, slow enough for the dispatcher to keep up. */
  void commitSlowly(String key, int count) {
    for (Change change : Changes.puts(key, count)) {
      commit(change);
      awaitDispatcher();
    }
  }

  /** Returns once everything that was committed is dispatched. */
  void awaitDispatcher() {
    await().pollDelay(Duration.ZERO).until(() -> hub.dispatched() == told);
  }

  static Event now(Subscription subscription) {
    return subscription.next(Duration.ZERO);
  }

  /** The next event, waiting briefly if necessary. */
  static Event next(Subscription subscription) {
    return subscription.next(LONG);
  }

  /** Requests the next event on its own thread, and returns once that is waiting. */
  static CompletableFuture<Event> waiting(Subscription subscription) {
    CompletableFuture<Event> event = new CompletableFuture<>();
    Thread thread = Thread.ofVirtual().start(() -> event.complete(subscription.next(LONG)));
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return event;
  }

  static Event get(CompletableFuture<Event> event) {
    return event.orTimeout(1, TimeUnit.MINUTES).join();
  }

  static void isChange(Event event, long sequence, Change change) {
    assertThat(event).isEqualTo(new Event.Changed(id(sequence), change));
  }

  static void isReset(Event event, long sequence) {
    assertThat(event).isEqualTo(new Event.Reset(id(sequence)));
  }

  static void isNothing(Event event, long sequence) {
    assertThat(event).isEqualTo(new Event.Nothing(id(sequence)));
  }

  @Override
  public void close() {
    hub.end();
  }
}
