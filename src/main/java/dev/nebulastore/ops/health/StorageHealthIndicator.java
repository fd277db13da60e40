package dev.nebulastore.ops.health;

import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.StorageEngine.Condition;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/**
 * Health of the store: UP if it takes every write, DEGRADED (still 200) if it has no room for more
 * or some of what it holds is damaged, DOWN if its disk takes no writes. Reads continue in any case
 * and a new process would find the same disk, so neither readiness nor liveness asks for it.
 *
 * <p>Threads: immutable.
 */
@Component
final class StorageHealthIndicator implements HealthIndicator {

  private static final Status DEGRADED = new Status("DEGRADED", "the store is full or damaged");

  private final StorageEngine engine;

  StorageHealthIndicator(StorageEngine engine) {
    this.engine = engine;
  }

  @Override
  public Health health() {
    Condition condition = engine.condition();
    Status status =
        switch (condition.state()) {
          case WRITABLE -> Status.UP;
          case FULL, DAMAGED -> DEGRADED;
          case READABLE -> Status.DOWN;
        };
    Health.Builder health =
        Health.status(status)
            .withDetail("engine", engine.name())
            .withDetail("state", condition.state().name().toLowerCase(Locale.ROOT));
    if (!condition.cause().isEmpty()) {
      health.withDetail("cause", condition.cause());
    }
    return health.build();
  }
}
