package dev.nebulastore;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Records what a class logs during each test.
 *
 * <p>Threads: confined to the thread of a test.
 */
public final class LogRecorder implements BeforeEachCallback, AfterEachCallback {

  private final Logger logger;
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  /** Records what this class logs. */
  public LogRecorder(Class<?> type) {
    this.logger = (Logger) LoggerFactory.getLogger(type);
  }

  /** Records what goes to the logger of this name. */
  public LogRecorder(String name) {
    this.logger = (Logger) LoggerFactory.getLogger(name);
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    lines.start();
    logger.addAppender(lines);
  }

  @Override
  public void afterEach(ExtensionContext test) {
    logger.detachAppender(lines);
  }

  /** What was logged, in order. */
  public List<ILoggingEvent> lines() {
    return lines.list;
  }

  /** The levels of what was logged, in order. */
  public List<Level> levels() {
    return lines.list.stream().map(ILoggingEvent::getLevel).toList();
  }
}
