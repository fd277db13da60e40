package dev.nebulastore.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.history.Linearizability.Operation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinearizabilityTests {

  private static Operation<Integer> write(int value, long called, long returned) {
    return new Operation<>("write " + value, called, returned, state -> Optional.of(value));
  }

  private static Operation<Integer> read(int value, long called, long returned) {
    return new Operation<>(
        "read " + value,
        called,
        returned,
        state -> state == value ? Optional.of(state) : Optional.empty());
  }

  private static boolean holds(List<Operation<Integer>> history) {
    return Linearizability.holds(0, history);
  }

  @Test
  void overlappingOperationsMayHaveAnyOrder() {
    assertThat(holds(List.of(write(1, 0, 10), read(0, 1, 2), read(1, 3, 4)))).isTrue();
    assertThat(holds(List.of(write(1, 0, 5), write(2, 0, 5), read(1, 6, 7)))).isTrue();
    assertThat(holds(List.of(write(1, 0, 5), write(2, 0, 5), read(2, 6, 7)))).isTrue();
  }

  @Test
  void staleReadIsFound() {
    assertThat(holds(List.of(write(1, 0, 1), read(0, 2, 3)))).isFalse();
    assertThat(holds(List.of(write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)))).isFalse();
  }

  @Test
  void twoReadersMustAgreeOnTheOrder() {
    assertThat(
            holds(
                List.of(
                    write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4), read(1, 5, 6))))
        .isFalse();
  }

  @Test
  void unknownOutcomeMayTakeEffectLateOrNever() {
    long never = Linearizability.NEVER;
    assertThat(holds(List.of(write(1, 0, never), read(0, 1, 2), read(1, 3, 4)))).isTrue();
    assertThat(holds(List.of(write(1, 0, never), read(0, 1, 2), read(0, 3, 4)))).isTrue();
    assertThat(holds(List.of(write(1, 0, never), read(1, 1, 2), read(0, 3, 4)))).isFalse();
  }
}
