package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.http.OpenFileLimit.Exceeded;
import org.junit.jupiter.api.Test;

/** How many connections a process with this limit of open files may have. */
class OpenFileLimitTests {

  @Test
  void defaultIsReducedToWhatFits() {
    assertThat(new OpenFileLimit(4_096).connections(null, 10_000)).isEqualTo(3_328);
    assertThat(new OpenFileLimit(20_000).connections(null, 10_000)).isEqualTo(10_000);
    assertThat(new OpenFileLimit(Long.MAX_VALUE).connections(null, 16_384)).isEqualTo(16_384);
  }

  @Test
  void configuredValueIsUsedIfItFits() {
    assertThat(new OpenFileLimit(4_096).connections(3_328, 16)).isEqualTo(3_328);
  }

  @Test
  void excessiveValueIsRefusedWithBothNumbers() {
    assertThatThrownBy(() -> new OpenFileLimit(4_096).connections(3_329, 16))
        .isInstanceOf(Exceeded.class)
        .hasMessage(
            "nebula.limits.connections is 3329. It must be at most 3328, since the process may open"
                + " 4096 files (ulimit -n) and needs 768 beside connections.");
  }

  @Test
  void limitWithoutRoomForConnectionsIsRefused() {
    assertThat(new OpenFileLimit(784).connections(null, 16_384)).isEqualTo(16);
    assertThatThrownBy(() -> new OpenFileLimit(220).connections(null, 16_384))
        .isInstanceOf(Exceeded.class)
        .hasMessage(
            "The process may open 220 files (ulimit -n), and needs at least 784. Raise the limit.");
  }

  @Test
  void limitOfThisProcessIsKnown() {
    assertThat(OpenFileLimit.ofProcess().files()).isPositive();
  }
}
