package dev.nebulastore.supervision;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.format.annotation.DurationFormat.Style;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Defines the supervisor, which listens to the registry and looks regularly, on a platform thread
 * of its own: all virtual threads may be stuck when it is needed.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SupervisionProperties.class)
class SupervisionConfiguration {

  private static final Logger log = LoggerFactory.getLogger(SupervisionConfiguration.class);

  private static final int WAKES_PER_LOOK = 10;

  @Bean
  Duration supervisionInterval(SupervisionProperties properties) {
    return properties.interval();
  }

  @Bean
  Duration canaryPeriod(SupervisionProperties properties) {
    return properties.interval().dividedBy(WAKES_PER_LOOK);
  }

  /** Only injected by name. It is stopped after the requests in flight, and before the registry. */
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

  /** Never throws: a scheduler that can't even log a failure would not look again. */
  private static void logQuietly(Throwable failure) {
    try {
      log.error("A look of the supervisor failed; the next one runs as scheduled", failure);
    } catch (Throwable again) {
      // The next one runs as scheduled.
    }
  }

  @Bean(destroyMethod = "stop")
  Canary canary(Execution execution, @Qualifier("canaryPeriod") Duration period) {
    return new Canary(task -> execution.virtualThread("canary", task), period);
  }

  @Bean
  ShardSupervisor shardSupervisor(
      Execution execution,
      ShardRegistry registry,
      SupervisionProperties properties,
      @Qualifier("barrier") Duration barrier,
      Canary canary,
      List<ShardSupervisor.Listener> listeners) {
    if (barrier.compareTo(properties.stuckAfter()) >= 0) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.shards.barrier",
          barrier,
          "must be less than nebula.supervision.stuck-after, which is "
              + DurationFormatterUtils.print(properties.stuckAfter(), Style.COMPOSITE));
    }
    ShardSupervisor supervisor =
        new ShardSupervisor(
            registry, properties, execution, canary, RandomGenerator.getDefault(), listeners);
    registry.addListener(supervisor);
    return supervisor;
  }
}
