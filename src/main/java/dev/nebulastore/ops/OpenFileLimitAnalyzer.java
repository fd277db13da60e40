package dev.nebulastore.ops;

import dev.nebulastore.http.OpenFileLimit;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/**
 * Tells that the process may not open as many files as it is to have connections.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class OpenFileLimitAnalyzer extends AbstractFailureAnalyzer<OpenFileLimit.Exceeded> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, OpenFileLimit.Exceeded refusal) {
    return new FailureAnalysis(refusal.getMessage(), null, rootFailure);
  }
}
