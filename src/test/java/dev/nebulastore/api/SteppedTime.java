package dev.nebulastore.api;

import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.StoreClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * The server's own clock on a machine whose time moves only when a test moves it.
 *
 * <p>Threads: thread-safe.
 */
public final class SteppedTime implements StoreClock {

  /** A Sunday, with milliseconds, which dates in HTTP don't have. */
  static final Instant BEGIN = Instant.parse("2033-03-06T09:08:07.654Z");

  /** The readings of the machine's two clocks. */
  private record Machine(Instant system, Duration runs) {}

  private final AtomicReference<Machine> machine =
      new AtomicReference<>(new Machine(BEGIN, Duration.ZERO));
  private final StoreClock clock =
      Clocks.over(() -> machine.get().system(), () -> machine.get().runs().toNanos());

  @Override
  public Instant instant() {
    return clock.instant();
  }

  @Override
  public Instant system() {
    return clock.system();
  }

  @Override
  public Duration ahead() {
    return clock.ahead();
  }

  @Override
  public void advanceTo(Instant least) {
    clock.advanceTo(least);
  }

  /** Lets time pass. */
  void advance(Duration by) {
    machine.updateAndGet(now -> new Machine(now.system().plus(by), now.runs().plus(by)));
  }

  /** Sets the system clock, forward or back. */
  void jump(Duration by) {
    machine.updateAndGet(now -> new Machine(now.system().plus(by), now.runs()));
  }

  /** Replaces the system's clock by this one. */
  @TestConfiguration(proxyBeanMethods = false)
  public static class Beans {

    @Bean
    @Primary
    SteppedTime steppedTime() {
      return new SteppedTime();
    }
  }
}
