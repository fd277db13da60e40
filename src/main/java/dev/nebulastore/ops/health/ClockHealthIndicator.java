package dev.nebulastore.ops.health;

import dev.nebulastore.time.StoreClock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Health of the clock: DEGRADED (still 200) while store time is far ahead of the system clock,
 * which was set, before or now; otherwise UP. The entries are correct in any case.
 *
 * <p>Threads: {@link #look} is confined to the scheduler; the rest is thread-safe.
 */
@Component
final class ClockHealthIndicator implements HealthIndicator {

  private static final Logger log = LoggerFactory.getLogger(ClockHealthIndicator.class);

  /** More than a usual correction of the clock. */
  private static final Duration FAR = Duration.ofSeconds(5);

  private static final Status DEGRADED =
      new Status("DEGRADED", "store time is ahead of the system's clock");

  private final StoreClock clock;
  private boolean wasFar;

  ClockHealthIndicator(StoreClock clock) {
    this.clock = clock;
  }

  @Override
  public Health health() {
    Duration ahead = clock.ahead();
    return Health.status(isFar(ahead) ? DEGRADED : Status.UP)
        .withDetail("aheadMillis", ahead.toMillis())
        .withDetail("storeTime", clock.instant().toString())
        .withDetail("systemTime", clock.system().toString())
        .build();
  }

  private static boolean isFar(Duration ahead) {
    return ahead.compareTo(FAR) > 0;
  }

  /** Logs when store time begins to be far ahead, and when that ends. */
  @Scheduled(fixedDelay = 1_000)
  void look() {
    Duration ahead = clock.ahead();
    boolean far = isFar(ahead);
    if (far && !wasFar) {
      log.warn(
          "Store time is {} s ahead of the system's clock, which was set back. It runs on from"
              + " there, so that entries expire when their time to live is over",
          ahead.toSeconds());
    } else if (!far && wasFar) {
      log.info("Store time is no longer ahead of the system's clock");
    }
    wasFar = far;
  }
}
