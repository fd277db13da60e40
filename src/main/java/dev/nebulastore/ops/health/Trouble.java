package dev.nebulastore.ops.health;

import java.util.Optional;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** Health of what the server works without: UP, or DEGRADED with the cause. */
final class Trouble {

  private Trouble() {}

  /**
   * Begins a health.
   *
   * @param cause what is wrong; empty if nothing is
   * @param description what DEGRADED means here
   */
  static Health.Builder health(Optional<String> cause, String description) {
    return cause
        .map(why -> Health.status(new Status("DEGRADED", description)).withDetail("cause", why))
        .orElseGet(Health::up);
  }
}
