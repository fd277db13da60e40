package dev.nebulastore.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * A clock that stands until a test moves it.
 *
 * <p>Threads: safe for all.
 */
final class SteppedTime implements InstantSource {

  /** A Sunday, with milliseconds, since dates of HTTP have none. */
  static final Instant BEGIN = Instant.parse("2033-03-06T09:08:07.654Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(BEGIN);

  @Override
  public Instant instant() {
    return now.get();
  }

  void advance(Duration by) {
    now.updateAndGet(time -> time.plus(by));
  }

  /** Puts the clock in place of the system's. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Beans {

    @Bean
    @Primary
    SteppedTime steppedTime() {
      return new SteppedTime();
    }
  }
}
