package dev.nebulastore.ops.startup;

import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Reports in one line why the start failed and what to do.
 *
 * <p>Threads: immutable.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements FailureAnalysisReporter {

  private static final Logger log = LoggerFactory.getLogger(StartFailureReporter.class);
  private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");

  @Override
  public void report(FailureAnalysis analysis) {
    silence(LoggingFailureAnalysisReporter.class);
    String action = analysis.getAction();
    log.error(
        "NebulaStore can't start: {}{}",
        line(analysis.getDescription()),
        action == null || action.isBlank() ? "" : " " + line(action));
  }

  /** The next reporter, of Spring Boot, would report it again in many lines. */
  private static void silence(Class<?> next) {
    LoggingSystem.get(StartFailureReporter.class.getClassLoader())
        .setLogLevel(next.getName(), LogLevel.OFF);
  }

  private static String line(String text) {
    return LINE_END.matcher(text.strip()).replaceAll(" ");
  }
}
