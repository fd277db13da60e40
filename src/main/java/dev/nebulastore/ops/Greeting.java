package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardWorkers;
import dev.nebulastore.storage.StorageEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Says in one line what has started and where to look next.
 *
 * <p>Threads: immutable.
 */
@Component
final class Greeting {

  private static final Logger log = LoggerFactory.getLogger(Greeting.class);

  private final ObjectProvider<BuildProperties> build;
  private final StorageEngine engine;
  private final ShardWorkers workers;
  private final Environment environment;

  Greeting(
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
    log.info(
        "NebulaStore {}: engine {}, {} shards, http://localhost:{}/kv/<key>;"
            + " see /swagger-ui.html, /actuator/health, /actuator/prometheus",
        properties == null ? "(development)" : properties.getVersion(),
        engine.name(),
        workers.shards().size(),
        environment.getProperty("local.server.port"));
  }
}
