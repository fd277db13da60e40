package dev.nebulastore.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChangeHistoryTests {

  /** The bytes of a change in addition to its value, for a key of one letter. */
  private static final long EACH = ChangeHistory.OVERHEAD + 1;

  private static void put(ChangeHistory history, int size) {
    history.append(List.of(Changes.put("k", 1, size)), true);
  }

  private static List<Long> kept(ChangeHistory history) {
    return LongStream.rangeClosed(1, history.head())
        .filter(sequence -> history.at(sequence) != null)
        .boxed()
        .toList();
  }

  @Test
  void isEmptyAtFirst() {
    ChangeHistory history = new ChangeHistory(3, 1_000);
    assertThat(history.head()).isZero();
    assertThat(history.tail()).isZero();
    assertThat(history.size()).isZero();
  }

  @Test
  void keepsChangesInOrder() {
    ChangeHistory history = new ChangeHistory(10, 1_000_000);
    List<Change> changes = Changes.puts("k", 4);
    history.append(changes.subList(0, 3), true);
    history.append(changes.subList(3, 4), true);
    assertThat(kept(history)).containsExactly(1L, 2L, 3L, 4L);
    for (int i = 0; i < 4; i++) {
      assertThat(history.at(i + 1))
          .extracting(ChangeHistory.Recorded::change)
          .isSameAs(changes.get(i));
    }
  }

  @Test
  void dropsTheOldestBeyondItsLength() {
    ChangeHistory history = new ChangeHistory(3, 1_000_000);
    for (int i = 1; i <= 8; i++) {
      put(history, 0);
      assertThat(history.head()).isEqualTo(i);
      assertThat(history.tail()).isEqualTo(Math.max(0, i - 3));
      assertThat(history.size()).isEqualTo(Math.min(i, 3) * EACH);
    }
    assertThat(kept(history)).containsExactly(6L, 7L, 8L);
  }

  @Test
  void dropsTheOldestBeyondItsSize() {
    ChangeHistory history = new ChangeHistory(100, 3 * EACH + 100);
    put(history, 40);
    put(history, 40);
    put(history, 20);
    assertThat(kept(history)).containsExactly(1L, 2L, 3L);
    assertThat(history.size()).isEqualTo(3 * EACH + 100);
    put(history, 0);
    assertThat(kept(history)).containsExactly(2L, 3L, 4L);
    put(history, (int) EACH + 100);
    assertThat(kept(history)).containsExactly(4L, 5L);
    assertThat(history.size()).isEqualTo(3 * EACH + 100);
  }

  @Test
  void keepsTheNewestWhateverItsSize() {
    ChangeHistory history = new ChangeHistory(100, 1_000);
    put(history, 0);
    put(history, 5_000);
    assertThat(kept(history)).containsExactly(2L);
    put(history, 6_000);
    assertThat(kept(history)).containsExactly(3L);
    put(history, 0);
    assertThat(kept(history)).containsExactly(4L);
    assertThat(history.size()).isEqualTo(EACH);
  }

  @Test
  void keepsOnlyTheKeyOfUncertainChanges() {
    ChangeHistory history = new ChangeHistory(100, 1_000_000);
    history.append(List.of(Changes.put("k", 1, 5_000)), false);
    assertThat(history.at(1)).extracting(ChangeHistory.Recorded::change).isNull();
    assertThat(history.size()).isEqualTo(EACH);
  }
}
