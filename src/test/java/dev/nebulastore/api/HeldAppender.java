package dev.nebulastore.api;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Takes the place of the appenders of the audit log, and waits or fails as a test says.
 *
 * <p>Threads: safe for all.
 */
final class HeldAppender extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  final List<String> lines = new CopyOnWriteArrayList<>();
  private final Semaphore room = new Semaphore(0);
  private final Semaphore waiting = new Semaphore(0);
  private final Logger logger = (Logger) LoggerFactory.getLogger("nebula.audit");
  private volatile boolean held;
  private volatile @Nullable Error failure;

  /** Attaches the appender. */
  HeldAppender() {
    start();
    logger.setAdditive(false);
    logger.addAppender(this);
  }

  /** Lets all lines wait from now on. */
  void hold() {
    held = true;
  }

  /** Waits until a line waits. */
  void awaitHeld() {
    waiting.acquireUninterruptibly();
  }

  void letGo() {
    held = false;
    room.release(1_000_000);
  }

  void failWith(@Nullable Error next) {
    failure = next;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (held) {
      waiting.release();
      room.acquireUninterruptibly();
    }
    Error error = failure;
    if (error != null) {
      throw error;
    }
    lines.add(event.getFormattedMessage());
  }

  @Override
  public void close() {
    letGo();
    failWith(null);
    logger.detachAppender(this);
    logger.setAdditive(true);
    stop();
  }
}
