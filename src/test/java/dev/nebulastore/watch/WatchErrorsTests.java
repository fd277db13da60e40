package dev.nebulastore.watch;

import static dev.nebulastore.watch.HubTest.get;
import static dev.nebulastore.watch.HubTest.isChange;
import static dev.nebulastore.watch.HubTest.isReset;
import static dev.nebulastore.watch.HubTest.next;
import static dev.nebulastore.watch.HubTest.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.watch.Subscription.Event;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Changes that can't be added to the history or can't be dispatched, for example for lack of
 * memory.
 */
class WatchErrorsTests {

  private final HubTest test = new HubTest(3);

  @AfterEach
  void end() {
    test.close();
  }

  /** Changes of the key a; reading the second one fails. */
  private static List<Change> threeOfWhichOneThrows(Thrown what) {
    List<Change> changes = Changes.puts("a", 3);
    return new AbstractList<>() {
      @Override
      public Change get(int index) {
        if (index == 1) {
          what.now();
        }
        return changes.get(index);
      }

      @Override
      public int size() {
        return changes.size();
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void waitingSubscriptionsAreReset(Thrown what) {
    try (Subscription watching = test.open("a");
        Subscription other = test.open("b")) {
      CompletableFuture<Event> event = waiting(watching);
      CompletableFuture<Event> others = waiting(other);
      test.hub.committed(0, threeOfWhichOneThrows(what));
      isReset(get(event), 3);
      isReset(get(others), 3);
      Change later = Changes.put("a", 4);
      test.hub.committed(0, List.of(later));
      isChange(next(watching), 4, later);
    }
  }

  @ParameterizedTest
  @EnumSource
  void resumedSubscriptionsAreReset(Thrown what) {
    test.commit(Changes.put("a", 1));
    test.hub.uncertain(0, threeOfWhichOneThrows(what));
    assertThat(test.hub.historyChanges()).isZero();
    assertThat(test.hub.historySize()).isZero();
    try (Subscription watching = test.openSince("a", 1)) {
      isReset(next(watching), 4);
    }
    try (Subscription watching = test.openSince("a", 4)) {
      CompletableFuture<Event> event = waiting(watching);
      Change later = Changes.put("a", 5);
      test.hub.committed(0, List.of(later));
      isChange(get(event), 5, later);
    }
  }

  /** At each place where it reads a published change, one after another. */
  @ParameterizedTest
  @EnumSource
  void failingDispatcherWakesAllSubscriptions(Thrown what) {
    try (Subscription watching = test.open("a")) {
      long sequence = 0;
      for (int times = 1; times <= 5; times++) {
        CompletableFuture<Event> event = waiting(watching);
        test.history.throwToDispatcher(what, times);
        Change change = Changes.put("a", ++sequence);
        test.commit(change);
        isChange(get(event), sequence, change);
        test.awaitDispatcher();
        assertThat(test.history.failures()).as("it did fail").isZero();
      }
    }
  }
}
