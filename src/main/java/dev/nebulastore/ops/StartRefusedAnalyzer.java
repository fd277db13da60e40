package dev.nebulastore.ops;

import dev.nebulastore.storage.StartRefused;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/**
 * Tells why a storage engine refused to start, in its own words.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class StartRefusedAnalyzer extends AbstractFailureAnalyzer<StartRefused> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, StartRefused refusal) {
    return new FailureAnalysis(refusal.getMessage(), null, rootFailure);
  }
}
