package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ConnectionLimitTests {

  private static final int MAX = 4;

  private final AtomicLong nanoTime = new AtomicLong();
  private final AtomicInteger slowSenders = new AtomicInteger();
  private final Fakes fakes = new Fakes();
  private final ConnectionLimit<Integer> limit =
      new ConnectionLimit<>(
          MAX, fakes, () -> slowSenders.getAndUpdate(n -> Math.max(0, n - 1)) > 0, nanoTime::get);

  /** Connections by number, each with the time since which it has been idle. */
  private static final class Fakes implements ConnectionLimit.Connections<Integer> {
    private final Map<Integer, Long> idleSince = new TreeMap<>();
    private final List<Integer> closed = new ArrayList<>();
    private int looks;
    private int beside;
    private int busyAtLast = -1;

    @Override
    public int open() {
      return beside + idleSince.size();
    }

    @Override
    public Iterable<Integer> all() {
      looks++;
      return List.copyOf(idleSince.keySet());
    }

    @Override
    public long idleSince(Integer connection) {
      return idleSince.getOrDefault(connection, ConnectionLimit.BUSY);
    }

    @Override
    public boolean evict(Integer connection, long since) {
      assertThat(idleSince).containsEntry(connection, since);
      if (connection == busyAtLast) {
        return false;
      }
      closed.add(connection);
      idleSince.remove(connection);
      return true;
    }
  }

  /**
   * Makes room for the last of this number of open connections. Only the fakes among them can be
   * examined.
   */
  private boolean makeRoom(int open) {
    fakes.beside = open - 1 - fakes.idleSince.size();
    return limit.makeRoom(1);
  }

  private void idle(int connection, long since) {
    fakes.idleSince.put(connection, since);
  }

  private void busy(int connection) {
    idle(connection, ConnectionLimit.BUSY);
  }

  @Test
  void nothingIsClosedWithinTheLimit() {
    idle(1, 10);
    assertThat(makeRoom(MAX)).isTrue();
    assertThat(fakes.looks).isZero();
  }

  @Test
  void longestIdleIsClosedFirst() {
    idle(1, 30);
    idle(2, 10);
    busy(3);
    idle(4, 20);
    assertThat(makeRoom(MAX + 1)).isTrue();
    assertThat(fakes.closed).containsExactly(2);
    assertThat(makeRoom(MAX + 2)).isTrue();
    assertThat(fakes.closed).containsExactly(2, 4, 1);
  }

  @Test
  void nanoTimeMayOverflow() {
    nanoTime.set(Long.MIN_VALUE + 5);
    idle(1, Long.MIN_VALUE + 1);
    idle(2, Long.MAX_VALUE - 1);
    fakes.beside = MAX - 2;
    var now = new ConnectionLimit<>(MAX, fakes, () -> false, nanoTime::get);
    assertThat(now.makeRoom(1)).isTrue();
    assertThat(fakes.closed).containsExactly(2);
  }

  @Test
  void skipsConnectionsUsedSinceTheLook() {
    for (int i = 0; i < 10; i++) {
      idle(i, i);
    }
    assertThat(makeRoom(MAX + 1)).isTrue();
    idle(1, 100);
    busy(2);
    assertThat(makeRoom(MAX + 1)).isTrue();
    assertThat(fakes.closed).containsExactly(0, 3);
    assertThat(fakes.looks).isEqualTo(1);
  }

  @Test
  void oneLookFindsAnEighthOfAllInOrder() {
    for (int i = 0; i < 1_000; i++) {
      idle(i, (i * 617L) % 1_000);
    }
    for (int i = 0; i < 200; i++) {
      assertThat(makeRoom(MAX + 1)).isTrue();
    }
    assertThat(fakes.closed.stream().map(closed -> (closed * 617L) % 1_000))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(fakes.looks).isEqualTo(2);
  }

  @Test
  void skipsConnectionsWithANewRequest() {
    idle(1, 10);
    idle(2, 20);
    fakes.busyAtLast = 1;
    assertThat(makeRoom(MAX + 1)).isTrue();
    assertThat(fakes.closed).containsExactly(2);
  }

  @Test
  void givesUpWhenAllBecomeBusy() {
    idle(1, 10);
    fakes.busyAtLast = 1;
    assertThat(makeRoom(MAX + 1)).isFalse();
    assertThat(fakes.closed).isEmpty();
    fakes.busyAtLast = -1;
    assertThat(makeRoom(MAX + 1)).isTrue();
  }

  @Test
  void requestsNeedNoRoomForANewConnection() {
    idle(1, 10);
    idle(2, 20);
    fakes.beside = MAX - 2;
    assertThat(limit.makeRoom(0)).isTrue();
    assertThat(fakes.closed).isEmpty();
    fakes.beside++;
    assertThat(limit.makeRoom(0)).isTrue();
    assertThat(fakes.closed).containsExactly(1);
  }

  @Test
  void slowSenderIsEvictedWhenNoneIsIdle() {
    busy(1);
    slowSenders.set(1);
    assertThat(makeRoom(MAX + 1)).isTrue();
    assertThat(slowSenders).hasValue(0);
    assertThat(makeRoom(MAX + 1)).isFalse();
  }

  @Test
  void fruitlessLooksAreNotRepeatedAtOnce() {
    busy(1);
    busy(2);
    assertThat(makeRoom(MAX + 1)).isFalse();
    assertThat(makeRoom(MAX + 1)).isFalse();
    assertThat(fakes.looks).isEqualTo(1);
    idle(2, 0);
    nanoTime.addAndGet(1_000_000);
    assertThat(makeRoom(MAX + 1)).isTrue();
    assertThat(fakes.closed).containsExactly(2);
  }
}
