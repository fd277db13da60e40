package dev.nebulastore.ops.metrics;

import dev.nebulastore.audit.AuditReport;
import dev.nebulastore.audit.AuditReport.Loss;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Refusals;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * Counts refused requests by kind, and the lines of the audit log. No tag contains anything that a
 * client sends.
 *
 * <p>Threads: immutable.
 */
@Component
final class AccessMeters implements MeterBinder {

  private final Refusals refusals;
  private final AuditReport audit;

  AccessMeters(Refusals refusals, AuditReport audit) {
    this.refusals = refusals;
    this.audit = audit;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (AccessDenied.Kind kind : AccessDenied.Kind.values()) {
      FunctionCounter.builder("nebula.access.refused", refusals, counts -> counts.count(kind))
          .description("Requests refused because of who sends them, by kind")
          .tag("kind", kind.code())
          .register(registry);
    }
    FunctionCounter.builder("nebula.audit.written", audit, AuditReport::written)
        .description("Lines of the audit log that were written")
        .register(registry);
    for (Loss loss : Loss.values()) {
      FunctionCounter.builder("nebula.audit.lost", audit, report -> report.lost(loss))
          .description("Lines of the audit log that were lost, by reason")
          .tag("reason", loss.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    FunctionCounter.builder("nebula.audit.refused", audit, AuditReport::refused)
        .description("Requests refused since no more lines of the audit log could wait")
        .register(registry);
    Gauge.builder("nebula.audit.waiting", audit, AuditReport::waiting)
        .description("Lines of the audit log that wait to be written")
        .register(registry);
  }
}
