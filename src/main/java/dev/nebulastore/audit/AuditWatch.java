package dev.nebulastore.audit;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Logs when lines of the audit log begin to be lost, or requests to be refused, and when that ends:
 * once for each episode, and not on the threads that serve requests.
 *
 * <p>Threads: confined to the scheduler.
 */
final class AuditWatch {

  private static final Logger log = LoggerFactory.getLogger(AuditWatch.class);

  /** After so many looks without a loss, an episode is over. */
  static final int QUIET = 10;

  private final AuditReport report;
  private long seen;
  private long before;
  private int quiet;
  private boolean full;
  private boolean failing;

  AuditWatch(AuditReport report) {
    this.report = report;
  }

  /** Looks once. Never throws. */
  @Scheduled(fixedDelay = 1_000)
  void look() {
    try {
      lookForFailures();
      lookForFullQueue();
    } catch (Throwable e) {
      // The next look runs as scheduled.
    }
  }

  private void lookForFailures() {
    Optional<String> trouble = report.trouble();
    if (trouble.isPresent() && !failing) {
      failing = true;
      log.warn("The audit log can't be written: {}", trouble.get());
    } else if (trouble.isEmpty() && failing) {
      failing = false;
      log.info(
          "The audit log is written again; lines lost since the start: {}",
          report.lost(AuditReport.Loss.FAILED));
    }
  }

  private void lookForFullQueue() {
    long now = report.lost(AuditReport.Loss.FULL) + report.refused();
    if (now > seen) {
      quiet = 0;
      if (!full) {
        full = true;
        before = seen;
        log.warn(
            "The queue of the audit log is full (nebula.audit.queue). Until it is not, lines are"
                + " lost, or requests refused (nebula.audit.when-full)");
      }
    } else if (full && ++quiet >= QUIET) {
      full = false;
      log.info("The queue of the audit log has room again; lost or refused: {}", now - before);
    }
    seen = now;
  }
}
