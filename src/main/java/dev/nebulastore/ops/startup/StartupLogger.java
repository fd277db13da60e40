package dev.nebulastore.ops.startup;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.storage.StorageEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Logs one line when the server has started, with its addresses, and one when it stops.
 *
 * <p>Threads: immutable.
 */
@Component
final class StartupLogger {

  private static final Logger log = LoggerFactory.getLogger(StartupLogger.class);

  private final ObjectProvider<BuildProperties> build;
  private final StorageEngine engine;
  private final ShardRegistry registry;
  private final ServerProperties server;
  private final Environment environment;

  StartupLogger(
      ObjectProvider<BuildProperties> build,
      StorageEngine engine,
      ShardRegistry registry,
      ServerProperties server,
      Environment environment) {
    this.build = build;
    this.engine = engine;
    this.registry = registry;
    this.server = server;
    this.environment = environment;
  }

  @EventListener(ApplicationReadyEvent.class)
  void onReady() {
    BuildProperties properties = build.getIfAvailable();
    int shards = registry.shards().size();
    log.info(
        "NebulaStore {}: engine {}, {} shard{}, {}://localhost:{}/kv/<key>;"
            + " see /swagger-ui.html, /actuator/health, /actuator/prometheus",
        properties == null ? "(development)" : properties.getVersion(),
        engine.name(),
        shards,
        shards == 1 ? "" : "s",
        Ssl.isEnabled(server.getSsl()) ? "https" : "http",
        environment.getProperty("local.server.port"));
  }

  @EventListener(ContextClosedEvent.class)
  void onStop() {
    log.info("NebulaStore is stopping: it completes the requests in flight and refuses new ones");
  }
}
