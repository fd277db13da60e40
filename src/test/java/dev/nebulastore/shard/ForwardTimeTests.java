package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ForwardTimeTests {

  private final AtomicReference<Instant> system =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00.123456Z"));
  private final ForwardTime time = new ForwardTime(system::get);

  @Test
  void goesInWholeMilliseconds() {
    assertThat(time.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
  }

  @Test
  void isOneObjectWithinAMillisecond() {
    Instant first = time.instant();
    system.set(first.plusNanos(999_999));
    assertThat(time.instant()).isSameAs(first);
  }

  @Test
  void standsStillWhileTheSystemIsBehindAndGoesOnWhenItHasCaughtUp() {
    Instant before = time.instant();
    system.set(before.minusSeconds(3_600));
    assertThat(time.instant()).isEqualTo(before);
    system.set(before.plusMillis(1));
    assertThat(time.instant()).isEqualTo(before.plusMillis(1));
  }
}
