package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.storage.StorageEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Says in one line what has started and where to look next, and in another that it stops.
 *
 * <p>Threads: immutable.
 */
@Component
final class StartupLogger {

  private static final Logger log = LoggerFactory.getLogger(StartupLogger.class);

  private final ObjectProvider<BuildProperties> build;
  private final StorageEngine engine;
  private final ShardWorkers workers;
  private final Environment environment;

  StartupLogger(
      ObjectProvider<BuildProperties> build,
      StorageEngine engine,
      ShardWorkers workers,
      Environment environment) {
    this.build = build;
    this.engine = engine;
    this.workers = workers;
    this.environment = environment;
  }

  @EventListener(ApplicationReadyEvent.class)
  void greet() {
    BuildProperties properties = build.getIfAvailable();
    int shards = workers.shards().size();
    log.info(
        "NebulaStore {}: engine {}, {} shard{}, http://localhost:{}/kv/<key>;"
            + " see /swagger-ui.html, /actuator/health, /actuator/prometheus",
        properties == null ? "(development)" : properties.getVersion(),
        engine.name(),
        shards,
        shards == 1 ? "" : "s",
        environment.getProperty("local.server.port"));
  }

  @EventListener(ContextClosedEvent.class)
  void takeLeave() {
    log.info("NebulaStore stops: it finishes the requests in flight and refuses new ones");
  }
}
