package dev.nebulastore.http.tomcat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.tomcat.util.net.NioEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's endpoint, whose two threads continue after an Error. Tomcat's own end with an
 * OutOfMemoryError, and then the process accepts no connection, or reads from none, for the rest of
 * its life (invariant 12).
 *
 * <p>Threads: as Tomcat's.
 */
class ResilientEndpoint extends NioEndpoint {

  private static final Logger log = LoggerFactory.getLogger(ResilientEndpoint.class);

  @Override
  public void startInternal() throws Exception {
    super.startInternal();
    goOn(getName() + "-Acceptor", acceptor);
    goOn(getName() + "-Poller", getPoller());
  }

  /** Tomcat starts its threads itself. Their tasks keep their state in fields, so can run again. */
  private void goOn(String name, Runnable task) {
    Thread[] threads = new Thread[Thread.activeCount() + 16];
    int count = Thread.enumerate(threads);
    Arrays.stream(threads, 0, count)
        .filter(thread -> thread.getName().equals(name))
        .forEach(thread -> thread.setUncaughtExceptionHandler(goingOn(task, this::isRunning)));
  }

  /** A handler in which a thread runs its task again until the task returns. */
  static Thread.UncaughtExceptionHandler goingOn(Runnable task, BooleanSupplier running) {
    return (thread, death) -> {
      Throwable last = death;
      while (last != null && running.getAsBoolean()) {
        logQuietly(last);
        try {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
          task.run();
          last = null;
        } catch (Throwable e) {
          last = e;
        }
      }
    };
  }

  private static void logQuietly(Throwable e) {
    try {
      log.error("{} continues after an error", Thread.currentThread().getName(), e);
    } catch (Throwable again) {
      // There is nothing left to try.
    }
  }
}
