package dev.nebulastore.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartIntensityTests {

  private final RestartIntensity intensity = new RestartIntensity(3, Duration.ofNanos(100));

  @Test
  void moreThanTheMaximumAreTooMany() {
    assertThat(intensity.exceededBy(0)).isFalse();
    assertThat(intensity.exceededBy(10)).isFalse();
    assertThat(intensity.exceededBy(20)).isFalse();
    assertThat(intensity.exceededBy(100)).as("the first is exactly 100 old").isTrue();
  }

  @Test
  void windowSlides() {
    for (long now = 0; now < 10_000; now += 34) {
      assertThat(intensity.exceededBy(now)).as("at %d", now).isFalse();
    }
    assertThat(intensity.exceededBy(10_029)).as("two came 33 and 67 before").isFalse();
    assertThat(intensity.exceededBy(10_030)).as("three came before").isTrue();
  }

  @Test
  void zeroAllowsNoRestarts() {
    assertThat(new RestartIntensity(0, Duration.ofNanos(100)).exceededBy(0)).isTrue();
  }

  @Test
  void clearStartsFromZero() {
    for (int i = 0; i < 3; i++) {
      intensity.exceededBy(0);
    }
    intensity.clear();
    assertThat(intensity.exceededBy(0)).isFalse();
  }
}
