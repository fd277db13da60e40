package dev.nebulastore.ops.health;

import dev.nebulastore.security.ConditionalOnIssuer;
import dev.nebulastore.security.IssuerReport;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Health of the issuer of tokens: UP if its keys could be fetched when they were needed, DEGRADED
 * (still 200) while they can't be. Exists only with an issuer.
 *
 * <p>Threads: immutable.
 */
@Component
@ConditionalOnIssuer
final class IssuerHealthIndicator implements HealthIndicator {

  private final IssuerReport report;

  IssuerHealthIndicator(IssuerReport report) {
    this.report = report;
  }

  @Override
  public Health health() {
    return Trouble.health(report.trouble(), "the keys of the issuer can't be fetched now").build();
  }
}
