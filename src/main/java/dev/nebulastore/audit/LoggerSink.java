package dev.nebulastore.audit;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the lines to the logger {@value #NAME}, which the configuration of logging can route.
 *
 * <p>Threads: confined to the thread that writes.
 */
final class LoggerSink implements AuditSink {

  static final String NAME = "nebula.audit";

  private final Logger logger = LoggerFactory.getLogger(NAME);

  @Override
  public void write(String line) throws IOException {
    if (!logger.isInfoEnabled()) {
      throw new IOException("the logger " + NAME + " is off");
    }
    logger.info("{}", line);
  }

  @Override
  public void close() {
    // The logger belongs to the JVM.
  }
}
