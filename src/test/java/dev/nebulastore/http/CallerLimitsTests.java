package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallerLimitsTests {

  private static final long SECOND = 1_000_000_000;
  private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

  // Wraps around during the tests.
  private long now = Long.MAX_VALUE - SECOND / 2;

  private CallerLimits limits(int requests, int perSecond, int watchers) {
    return new CallerLimits(new CallerMaximum(requests, perSecond, watchers, 0), () -> now);
  }

  private static Overloaded refusal(CallerLimits limits, String caller) {
    return catchThrowableOfType(Overloaded.class, () -> limits.begin(caller, ADDRESS));
  }

  @Test
  void requestsInFlightAreLimitedForEachCaller() {
    CallerLimits limits = limits(2, 0, 0);
    CallerUsage first = limits.begin("a", ADDRESS);
    var _ = limits.begin("a", ADDRESS);
    assertThat(refusal(limits, "a"))
        .hasMessageContaining("2 requests in flight")
        .hasMessageContaining("nebula.limits.per-caller.requests`");
    assertThat(refusal(limits, "a").isByCaller()).isTrue();
    assertThat(limits.refused()).isEqualTo(2);
    var _ = limits.begin("b", ADDRESS);
    first.close();
    var _ = limits.begin("a", ADDRESS);
    assertThat(refusal(limits, "a")).isNotNull();
  }

  @Test
  void callersWithoutIdAreKnownByTheirAddress() {
    CallerLimits limits = limits(1, 0, 0);
    var _ = limits.begin("", ADDRESS);
    assertThat(refusal(limits, "")).isNotNull();
    var _ = limits.begin("", InetAddress.ofLiteral("192.0.2.2"));
    var _ = limits.begin("192.0.2.1", ADDRESS);
  }

  /** A host may use any address that begins with the 64 bits of its network. */
  @Test
  void theFirstHalfOfAnAddressOfVersionSixCounts() {
    CallerLimits limits = limits(1, 0, 0);
    var _ = limits.begin("", InetAddress.ofLiteral("2001:db8:0:1::1"));
    assertThatExceptionOfType(Overloaded.class)
        .isThrownBy(() -> limits.begin("", InetAddress.ofLiteral("2001:db8:0:1:ffff::2")));
    var _ = limits.begin("", InetAddress.ofLiteral("2001:db8:0:2::1"));
  }

  @Test
  void rateAdmitsTheRequestsOfASecondAtOnce() {
    CallerLimits limits = limits(0, 4, 0);
    for (int i = 0; i < 4; i++) {
      limits.begin("a", ADDRESS).close();
    }
    Overloaded refusal = refusal(limits, "a");
    assertThat(refusal).hasMessageContaining("4 requests a second");
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(250));
    limits.begin("b", ADDRESS).close();
    now += SECOND / 4 - 1;
    assertThat(refusal(limits, "a")).isNotNull();
    now += 1;
    limits.begin("a", ADDRESS).close();
    assertThat(refusal(limits, "a")).isNotNull();
    now += 100 * SECOND;
    for (int i = 0; i < 4; i++) {
      limits.begin("a", ADDRESS).close();
    }
    assertThat(refusal(limits, "a")).isNotNull();
  }

  /**
   * However requests are spread, there are no more in any ten seconds than the rate and a burst.
   */
  @Test
  void rateHoldsInTheLongRun() {
    CallerLimits limits = limits(0, 10, 0);
    int admitted = 0;
    for (int i = 0; i < 1_000; i++) {
      now += SECOND / 100;
      try {
        limits.begin("a", ADDRESS).close();
        admitted++;
      } catch (Overloaded e) {
        assertThat(e.retryAfter()).isPositive();
      }
    }
    assertThat(admitted).isBetween(109, 110);
  }

  @Test
  void watchersAreLimitedAmongRequests() {
    CallerLimits limits = limits(0, 0, 1);
    CallerUsage first = limits.begin("a", ADDRESS);
    CallerUsage second = limits.begin("a", ADDRESS);
    CallerUsage.Watch watch = first.watch();
    assertThatExceptionOfType(Overloaded.class)
        .isThrownBy(second::watch)
        .withMessageContaining("1 watchers");
    assertThat(limits.refused()).isEqualTo(1);
    var _ = limits.begin("b", ADDRESS).watch();
    watch.close();
    var _ = second.watch();
  }

  @Test
  void nothingIsKeptOfIdleCallers() {
    CallerLimits inFlight = limits(1, 0, 0);
    CallerUsage usage = inFlight.begin("a", ADDRESS);
    assertThat(inFlight.callers()).isEqualTo(1);
    usage.close();
    assertThat(inFlight.callers()).isZero();

    CallerLimits rate = limits(0, 1, 0);
    CallerUsage busy = rate.begin("busy", ADDRESS);
    for (int i = 0; i < 10_000; i++) {
      now += SECOND / 1_000;
      rate.begin("caller-" + i, ADDRESS).close();
    }
    assertThat(rate.callers()).isLessThan(3_100);
    busy.close();
  }

  /** A caller with a request in flight is not forgotten, whatever its rate is. */
  @Test
  void callersInFlightAreNotForgotten() {
    CallerLimits limits = limits(1, 1_000, 0);
    CallerUsage busy = limits.begin("busy", ADDRESS);
    List<CallerUsage> others = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      now += SECOND / 1_000;
      others.add(limits.begin("caller-" + i, ADDRESS));
    }
    assertThat(refusal(limits, "busy")).isNotNull();
    others.forEach(CallerUsage::close);
    busy.close();
    var _ = limits.begin("busy", ADDRESS);
  }

  @Test
  void withoutLimitsNothingIsCounted() {
    CallerLimits none = limits(0, 0, 0);
    assertThat(none.isActive()).isFalse();
    assertThat(none.begin("a", ADDRESS)).isSameAs(CallerUsage.UNLIMITED);
    try (CallerUsage usage = none.begin("a", ADDRESS);
        var _ = usage.watch()) {
      assertThat(none.callers()).isZero();
    }
  }
}
