package dev.nebulastore.watch;

import static dev.nebulastore.watch.HubTest.get;
import static dev.nebulastore.watch.HubTest.id;
import static dev.nebulastore.watch.HubTest.isChange;
import static dev.nebulastore.watch.HubTest.isNothing;
import static dev.nebulastore.watch.HubTest.isReset;
import static dev.nebulastore.watch.HubTest.next;
import static dev.nebulastore.watch.HubTest.now;
import static dev.nebulastore.watch.HubTest.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.KvException.TooManyWatchers;
import dev.nebulastore.watch.Subscription.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which watchers receive which changes, with a history of ten changes. */
class WatchHubTests {

  private final HubTest test = new HubTest(3);

  @AfterEach
  void end() {
    test.close();
  }

  @Test
  void keySubscriptionsSeeOnlyTheirKey() {
    Change put = Changes.put("a", 2);
    Change delete = Changes.delete("a", 4);
    try (Subscription watching = test.open("a")) {
      CompletableFuture<Event> first = waiting(watching);
      test.commit(Changes.put("aa", 1), put, Changes.put("b", 3), delete, Changes.put("A", 5));
      isChange(get(first), 2, put);
      isChange(next(watching), 4, delete);
      test.awaitDispatcher();
      isNothing(now(watching), 5);
    }
  }

  @ParameterizedTest
  @CsvSource({"'', a/é", "a, a/é", "a, a", "a/, a/é", "a/é, a/é", "a/é, a/é/x", "😀, 😀😀"})
  void whoWatchesAPrefixIsToldOfEachKeyThatBeginsWithIt(String prefix, String key) {
    Change change = Changes.put(key, 1);
    try (Subscription watching = test.hub.open(WatchTarget.inPrefix(prefix), null)) {
      CompletableFuture<Event> next = waiting(watching);
      test.commit(change);
      isChange(get(next), 1, change);
    }
  }

  @ParameterizedTest
  @CsvSource({"a, b", "a, A", "a/é, a/e", "a/é, a/", "aa, a", "é, e\u0301"})
  void whoWatchesAPrefixIsToldOfNoOtherKey(String prefix, String key) {
    try (Subscription watching = test.hub.open(WatchTarget.inPrefix(prefix), null);
        Subscription since = test.hub.open(WatchTarget.inPrefix(prefix), id(0))) {
      test.commit(Changes.put(key, 1));
      test.awaitDispatcher();
      isNothing(now(watching), 1);
      isNothing(now(since), 1);
    }
  }

  @Test
  void newSubscriptionsDoNotSeeEarlierChanges() {
    test.commit(Changes.put("a", 1));
    try (Subscription watching = test.open("a")) {
      isNothing(now(watching), 1);
      Change second = Changes.put("a", 2);
      test.commit(second);
      isChange(next(watching), 2, second);
    }
  }

  @Test
  void resumingMissesAndRepeatsNothing() {
    List<Change> changes = Changes.puts("a", 6);
    test.hub.committed(0, changes);
    for (int since = 0; since <= 6; since++) {
      try (Subscription watching = test.openSince("a", since)) {
        for (int place = since + 1; place <= 6; place++) {
          isChange(next(watching), place, changes.get(place - 1));
        }
        isNothing(now(watching), 6);
      }
    }
    assertThat(test.hub.resets()).isZero();
  }

  @Test
  void positionsBeforeTheHistoryAreReset() {
    List<Change> changes = Changes.puts("a", HubTest.HISTORY + 3);
    test.hub.committed(0, changes);
    try (Subscription oldest = test.openSince("a", 3);
        Subscription older = test.openSince("a", 2)) {
      isChange(next(oldest), 4, changes.get(3));
      isReset(next(older), 13);
      isNothing(now(older), 13);
    }
    assertThat(test.hub.resets()).isEqualTo(1);
  }

  @Test
  void foreignAndFuturePositionsAreReset() {
    test.commit(Changes.put("a", 1));
    try (Subscription foreign =
            test.hub.open(WatchTarget.inPrefix(""), new EventId(HubTest.EPOCH + 1, 1));
        Subscription beyond = test.openSince("a", 2)) {
      isReset(next(foreign), 1);
      isNothing(now(foreign), 1);
      isReset(next(beyond), 1);
      Change second = Changes.put("a", 2);
      test.commit(second);
      isChange(next(beyond), 2, second);
    }
  }

  @Test
  void slowSubscriptionsAreResetToTheHead() {
    try (Subscription slow = test.open("a")) {
      List<Change> changes = Changes.puts("a", HubTest.HISTORY + 5);
      test.commit(changes.get(0), changes.get(1));
      isChange(next(slow), 1, changes.get(0));
      test.commit(changes.subList(2, 15).toArray(Change[]::new));
      isReset(next(slow), 15);
      isNothing(now(slow), 15);
      Change next = Changes.put("a", 16);
      CompletableFuture<Event> waiting = waiting(slow);
      test.commit(next);
      isChange(get(waiting), 16, next);
    }
  }

  @Test
  void otherKeysDoNotOverrunIdleSubscriptions() {
    try (Subscription idle = test.open("a")) {
      CompletableFuture<Event> next = waiting(idle);
      test.commitSlowly("b", 5 * HubTest.HISTORY);
      Change change = Changes.put("a", 1);
      test.commit(change);
      isChange(get(next), 5 * HubTest.HISTORY + 1, change);
    }
    assertThat(test.hub.resets()).isZero();
  }

  @Test
  void positionsAdvanceWithoutEvents() {
    EventId position;
    try (Subscription idle = test.open("a")) {
      test.commitSlowly("b", 5 * HubTest.HISTORY);
      position = now(idle).id();
    }
    try (Subscription resumed = test.openSince("a", position.sequence())) {
      isNothing(now(resumed), 5 * HubTest.HISTORY);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whenTheDispatcherIsOverrunWhoMayHaveMissedSomethingIsReset(boolean matching) {
    try (Subscription idle = test.open("a")) {
      CompletableFuture<Event> next = waiting(idle);
      // The dispatcher needs this lock.
      test.hub.index().lock.lock();
      try {
        test.hub.committed(0, Changes.puts(matching ? "a" : "b", 3 * HubTest.HISTORY));
      } finally {
        test.hub.index().lock.unlock();
      }
      isReset(get(next), 3 * HubTest.HISTORY);
    }
  }

  @Test
  void uncertainChangesResetTheirWatchers() {
    try (Subscription watching = test.open("a");
        Subscription other = test.open("b")) {
      CompletableFuture<Event> next = waiting(watching);
      test.uncertain(Changes.put("a", 1), Changes.put("c", 2));
      isReset(get(next), 2);
      test.awaitDispatcher();
      isNothing(now(other), 2);
      isNothing(now(watching), 2);
    }
  }

  @Test
  void subscriptionsAreLimited() {
    Subscription first = test.open("a");
    test.open("a");
    test.hub.open(WatchTarget.inPrefix(""), null);
    assertThat(test.hub.subscribers()).isEqualTo(3);
    assertThatThrownBy(() -> test.open("b")).isInstanceOf(TooManyWatchers.class);
    first.close();
    first.close();
    assertThat(test.hub.subscribers()).isEqualTo(2);
    test.open("b");
    assertThatThrownBy(() -> test.open("b")).isInstanceOf(TooManyWatchers.class);
  }

  @Test
  void closedSubscriptionsLeaveNothingBehind() {
    List<Subscription> all = new ArrayList<>();
    all.add(test.open("a"));
    all.add(test.hub.open(WatchTarget.inPrefix("a"), null));
    all.add(test.hub.open(WatchTarget.inPrefix("b"), null));
    CompletableFuture<Event> next = waiting(all.getFirst());
    all.forEach(Subscription::close);
    assertThat(get(next)).isEqualTo(new Event.Ended(id(0)));
    assertThat(test.hub.subscribers()).isZero();
    assertThat(test.hub.index().isEmpty()).isTrue();
  }

  @Test
  void endOfTheHubEndsAllSubscriptions() {
    Subscription one = test.open("a");
    Subscription other = test.hub.open(WatchTarget.inPrefix(""), null);
    List<CompletableFuture<Event>> waiting = List.of(waiting(one), waiting(other));
    test.hub.end();
    for (CompletableFuture<Event> each : waiting) {
      assertThat(get(each)).isInstanceOf(Event.Ended.class);
    }
    assertThat(test.open("late").next(Duration.ofMinutes(1))).isInstanceOf(Event.Ended.class);
  }

  @Test
  void interruptEndsTheWait() throws InterruptedException {
    Subscription watching = test.open("a");
    CompletableFuture<Event> event = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual().start(() -> event.complete(watching.next(Duration.ofMinutes(1))));
    thread.interrupt();
    assertThat(get(event)).isInstanceOf(Event.Ended.class);
    thread.join();
  }

  @Test
  void countsEventsAndResets() {
    try (Subscription one = test.open("a");
        Subscription other = test.open("a")) {
      test.commit(Changes.put("a", 1, 100));
      isChange(next(one), 1, Changes.put("a", 1, 100));
      isChange(next(other), 1, Changes.put("a", 1, 100));
    }
    assertThat(test.hub.events()).isEqualTo(2);
    assertThat(test.hub.historyChanges()).isEqualTo(1);
    assertThat(test.hub.historySize()).isEqualTo(ChangeHistory.OVERHEAD + 101);
  }
}
