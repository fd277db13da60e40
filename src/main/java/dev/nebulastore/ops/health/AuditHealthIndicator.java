package dev.nebulastore.ops.health;

import dev.nebulastore.audit.AuditReport;
import dev.nebulastore.audit.ConditionalOnAudit;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Health of the audit log: UP if its lines are written, DEGRADED (still 200) while they can't be.
 *
 * <p>Threads: immutable.
 */
@Component
@ConditionalOnAudit
final class AuditHealthIndicator implements HealthIndicator {

  private final AuditReport report;

  AuditHealthIndicator(AuditReport report) {
    this.report = report;
  }

  @Override
  public Health health() {
    return Trouble.health(report.trouble(), "the audit log can't be written now")
        .withDetail("waiting", report.waiting())
        .build();
  }
}
