package dev.nebulastore.supervision;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Wakes the canary and has the supervisor look, at regular intervals, on a platform thread of its
 * own: virtual threads may all be stuck when it is needed. A look that fails is logged, and the
 * next one comes all the same.
 *
 * <p>Threads: confined to the lifecycle's.
 */
final class Lookout implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Lookout.class);

  private static final int SIGNS_A_LOOK = 10;

  private final Runnable look;
  private final Canary canary;
  private final Duration interval;
  private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
  private boolean running;

  Lookout(Runnable look, Canary canary, Duration interval) {
    this.look = look;
    this.canary = canary;
    this.interval = interval;
    scheduler.setThreadNamePrefix("supervision-");
    scheduler.setDaemon(true);
  }

  /** How often the canary of a supervisor with this interval is woken. */
  static Duration period(Duration interval) {
    return interval.dividedBy(SIGNS_A_LOOK);
  }

  @Override
  public void start() {
    scheduler.initialize();
    var _ = scheduler.scheduleWithFixedDelay(() -> quietly(canary::wake), period(interval));
    var _ = scheduler.scheduleWithFixedDelay(() -> quietly(look), interval);
    running = true;
  }

  /** Nothing comes out of it: a scheduler that can't even log a failure would not look again. */
  private static void quietly(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      try {
        log.error("A look of the supervisor failed; the next one comes all the same", e);
      } catch (Throwable again) {
        // The next one comes all the same.
      }
    }
  }

  @Override
  public void stop() {
    running = false;
    scheduler.shutdown();
    canary.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** After the workers have started, and stopped before they do. */
  @Override
  public int getPhase() {
    return 1;
  }
}
