package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardWorkers;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Makes the supervisor, has the table tell it of deaths, and lets it look regularly, on a platform
 * thread of its own: virtual threads may all be stuck when it is needed.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SupervisionProperties.class)
class SupervisionConfiguration {

  private static final Logger log = LoggerFactory.getLogger(SupervisionConfiguration.class);

  private static final int SIGNS_A_LOOK = 10;

  @Bean
  Duration supervisionInterval(SupervisionProperties properties) {
    return properties.interval();
  }

  @Bean
  Duration canaryPeriod(SupervisionProperties properties) {
    return properties.interval().dividedBy(SIGNS_A_LOOK);
  }

  /**
   * Only for those who ask for it by name. It is stopped after the requests in flight, and before
   * the workers.
   */
  @Bean(name = ShardSupervisor.SCHEDULER, defaultCandidate = false)
  ThreadPoolTaskScheduler supervisionScheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("supervision-");
    scheduler.setDaemon(true);
    scheduler.setPhase(1);
    scheduler.setAcceptTasksAfterContextClose(true);
    scheduler.setErrorHandler(SupervisionConfiguration::logQuietly);
    return scheduler;
  }

  /** Nothing comes out of it: a scheduler that can't even log a failure would not look again. */
  private static void logQuietly(Throwable failure) {
    try {
      log.error("A look of the supervisor failed; the next one comes all the same", failure);
    } catch (Throwable again) {
      // The next one comes all the same.
    }
  }

  @Bean(destroyMethod = "stop")
  Canary canary(@Qualifier("canaryPeriod") Duration period) {
    return new Canary(Thread.ofVirtual().name("canary")::unstarted, period);
  }

  @Bean
  ShardSupervisor shardSupervisor(
      ShardWorkers workers,
      SupervisionProperties properties,
      @Qualifier("barrier") Duration barrier,
      Canary canary,
      List<ShardSupervisor.Listener> listeners) {
    if (barrier.compareTo(properties.stuckAfter()) >= 0) {
      throw new BarrierTooLong(barrier, properties.stuckAfter());
    }
    ShardSupervisor supervisor =
        new ShardSupervisor(
            workers, properties, System::nanoTime, canary, RandomGenerator.getDefault(), listeners);
    workers.addListener(supervisor);
    return supervisor;
  }
}
