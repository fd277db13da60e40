package dev.nebulastore.audit;

import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that writes the audit log: takes lines from a bounded queue, so that nobody else waits
 * for the disk.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Nothing ends the thread but {@link #stop}: whatever the sink throws, the line is lost and
 *       counted, and the next one is tried.
 *   <li>If no line may be lost, one that can't be written is tried again until it is, so the queue
 *       fills up, and requests are refused.
 * </ol>
 *
 * <p>Threads: safe for all. Its own thread alone takes lines and uses the sink.
 */
final class AuditWriter implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(AuditWriter.class);

  /** The time between two attempts to write a line. */
  static final Duration PAUSE = Duration.ofSeconds(1);

  private static final long IDLE_SECONDS = 60;

  /** A line that waits. */
  private record Line(Instant time, AuditEvent event, Runnable taken) {}

  /** Ends the wait for a line. */
  private static final Line WAKE_UP =
      new Line(Instant.EPOCH, new AuditEvent.Reloaded(0, null), () -> {});

  private final Execution execution;
  private final AuditSink sink;
  private final boolean keeps;
  private final BlockingQueue<Line> queue;
  private final Thread thread;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile @Nullable String trouble;
  private volatile boolean stopping;
  private volatile long deadline;

  /**
   * Creates a writer, which begins when it is {@link #start started}.
   *
   * @param keeps whether a line is tried again until it is written
   * @param capacity the number of lines that may wait
   */
  AuditWriter(Execution execution, AuditSink sink, boolean keeps, int capacity) {
    this.execution = execution;
    this.sink = sink;
    this.keeps = keeps;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = execution.platformThread("nebula-audit", this);
  }

  void start() {
    thread.start();
  }

  /**
   * Adds a line. Never waits.
   *
   * @param taken runs when the line does not wait any more
   * @return false if the queue is full
   */
  boolean offer(Instant time, AuditEvent event, Runnable taken) {
    return queue.offer(new Line(time, event, taken));
  }

  /** Writes what waits, for a limited time; then no line is written any more. */
  void stop(Duration limit) throws InterruptedException {
    deadline = execution.nanoTime() + limit.toNanos();
    stopping = true;
    // If it does not fit, the thread does not wait for a line.
    var _ = queue.offer(WAKE_UP);
    var _ = thread.join(limit);
    var _ = queue.remove(WAKE_UP);
  }

  int waiting() {
    return queue.size();
  }

  long written() {
    return written.get();
  }

  long failed() {
    return failed.get();
  }

  /** Why the last line could not be written; null if it could. */
  @Nullable String trouble() {
    return trouble;
  }

  @Override
  public void run() {
    while (!isDone()) {
      try {
        Line next = queue.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        if (next != null && !next.equals(WAKE_UP)) {
          take(next);
        }
      } catch (InterruptedException e) {
        // Nobody interrupts this thread to stop it.
        log.debug("Interrupted while no line was waiting", e);
      } catch (Throwable e) {
        // Perhaps there is no memory: the next line is tried all the same.
        fail(e);
      }
    }
    try {
      sink.close();
    } catch (Throwable e) {
      fail(e);
    }
  }

  private boolean isDone() {
    return stopping && (queue.isEmpty() || isOver());
  }

  private boolean isOver() {
    return stopping && execution.nanoTime() - deadline >= 0;
  }

  private void take(Line line) {
    try {
      write(line);
    } finally {
      line.taken().run();
    }
  }

  private void write(Line line) {
    while (!isWritten(line)) {
      if (!keeps || isOver()) {
        failed.incrementAndGet();
        return;
      }
      execution.parkNanos(this, PAUSE.toNanos());
    }
  }

  private boolean isWritten(Line line) {
    try {
      sink.write(AuditJson.line(line.time(), line.event()));
    } catch (Throwable e) {
      fail(e);
      return false;
    }
    written.incrementAndGet();
    trouble = null;
    return true;
  }

  /** Without the message of an unexpected failure, which may contain the line. */
  private void fail(Throwable e) {
    try {
      trouble = e instanceof IOException ? String.valueOf(e.getMessage()) : e.getClass().getName();
    } catch (Throwable again) {
      trouble = "there is no memory";
    }
  }
}
