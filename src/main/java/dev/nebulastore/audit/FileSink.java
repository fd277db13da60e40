package dev.nebulastore.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ch.qos.logback.core.ContextBase;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.recovery.RecoveryListener;
import ch.qos.logback.core.recovery.ResilientOutputStreamBase;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.util.FileSize;
import dev.nebulastore.time.Execution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Appends the lines to a file of their own by Logback's appender, which rotates it.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>The appender belongs to no logger, so that no level and no other server in this JVM changes
 *       what is in the file.
 *   <li>Logback reports a failed write only as a status, and then tries the file again after ever
 *       longer pauses. Here each line is known to be written or not: a failure is thrown, and a
 *       line that comes soon after it opens the file again.
 *   <li>A failed write may have left a part of a line, so the line after it begins with a line
 *       break.
 * </ol>
 *
 * <p>Threads: confined to one thread at a time.
 */
final class FileSink implements AuditSink {

  /** The time between two attempts to open the file. */
  static final Duration RETRY = Duration.ofMillis(500);

  private final ContextBase context = new ContextBase();
  private final Execution execution;
  private final Path file;
  private final Rotation rotation;
  private Appender appender;
  private long brokenAt;

  /**
   * Opens the file.
   *
   * @throws IOException if it can't be written
   */
  FileSink(Execution execution, Path file, Rotation rotation) throws IOException {
    this.execution = execution;
    this.file = file;
    this.rotation = rotation;
    this.appender = opened("");
  }

  @Override
  public void write(String line) throws IOException {
    if (appender.isBroken()) {
      reopen();
    }
    try {
      appender.write(line);
    } finally {
      if (appender.isBroken()) {
        brokenAt = execution.nanoTime();
      }
    }
  }

  @Override
  public void close() {
    appender.stop();
    // Ends the threads that compress and remove old files.
    context.stop();
  }

  private void reopen() throws IOException {
    if (execution.nanoTime() - brokenAt < RETRY.toNanos()) {
      throw new IOException(reason());
    }
    brokenAt = execution.nanoTime();
    appender.stop();
    appender = opened("\n");
  }

  private Appender opened(String start) throws IOException {
    // Not those of an earlier attempt.
    context.getStatusManager().clear();
    Appender next = new Appender(start);
    next.setContext(context);
    next.setName(LoggerSink.NAME);
    next.setFile(file.toString());
    next.setEncoder(new LineEncoder());
    next.setRollingPolicy(policy(next));
    next.start();
    if (!next.isStarted() || next.getOutputStream() == null) {
      next.stop();
      throw new IOException(reason());
    }
    return next;
  }

  private SizeAndTimeBasedRollingPolicy<String> policy(Appender parent) {
    SizeAndTimeBasedRollingPolicy<String> policy = new SizeAndTimeBasedRollingPolicy<>();
    policy.setContext(context);
    policy.setParent(parent);
    policy.setFileNamePattern(file + ".%d{yyyy-MM-dd}.%i.gz");
    policy.setMaxFileSize(new FileSize(rotation.maxFileSize().toBytes()));
    policy.setTotalSizeCap(new FileSize(rotation.totalSizeCap().toBytes()));
    policy.setMaxHistory(rotation.maxHistory());
    policy.setCleanHistoryOnStart(rotation.cleanHistoryOnStart());
    policy.start();
    return policy;
  }

  /** What Logback has reported since the file was opened. */
  private String reason() {
    return context.getStatusManager().getCopyOfStatusList().stream()
        .filter(status -> status.getLevel() >= Status.WARN)
        .map(FileSink::text)
        .findFirst()
        .orElse("the file can't be written");
  }

  private static String text(Status status) {
    Throwable cause = status.getThrowable();
    return cause == null || cause.getMessage() == null ? status.getMessage() : cause.getMessage();
  }

  /** Logback's appender, which tells of each line whether it was written. */
  private final class Appender extends RollingFileAppender<String> implements RecoveryListener {
    private String start;
    private boolean written;
    private boolean failed;

    Appender(String start) {
      this.start = start;
    }

    boolean isBroken() {
      return failed || !isStarted();
    }

    void write(String line) throws IOException {
      written = false;
      doAppend(start + line + "\n");
      start = "";
      if (!written || failed) {
        failed = true;
        throw new IOException(reason());
      }
    }

    @Override
    public void openFile(String name) throws IOException {
      super.openFile(name);
      if (getOutputStream() instanceof ResilientOutputStreamBase stream) {
        stream.addRecoveryListener(this);
      }
    }

    /** Called when a line was given to the stream, and the stream has not thrown. */
    @Override
    protected void updateByteCount(byte @Nullable [] bytes) {
      super.updateByteCount(bytes);
      written = true;
    }

    @Override
    public void newFailure(@Nullable IOException cause) {
      failed = true;
    }

    @Override
    public void recoveryOccured() {
      // The file is opened again by the next line.
    }
  }

  /** Writes what it is given. */
  private static final class LineEncoder extends EncoderBase<String> {
    @Override
    public byte[] headerBytes() {
      return new byte[0];
    }

    @Override
    public byte[] encode(String line) {
      return line.getBytes(US_ASCII);
    }

    @Override
    public byte[] footerBytes() {
      return new byte[0];
    }
  }
}
