package dev.nebulastore.audit;

import dev.nebulastore.time.Execution;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A trail whose lines a test reads. It refuses what finds no room.
 *
 * <p>Threads: safe for all.
 */
public final class RecordedTrail implements AutoCloseable {

  /** The number of lines that may wait. */
  public static final int QUEUE = 256;

  private final ScriptedSink sink = new ScriptedSink();
  private final AuditTrail trail =
      AuditTrail.to(
          sink,
          new AuditProperties(true, null, true, QUEUE, AuditProperties.WhenFull.REFUSE),
          InstantSource.system(),
          Execution.SYSTEM);

  /** The trail itself. */
  public AuditTrail trail() {
    return trail;
  }

  /** All lines, after which nothing can be recorded. */
  public List<String> lines() {
    trail.close();
    return new CopyOnWriteArrayList<>(sink.lines);
  }

  @Override
  public void close() {
    trail.close();
  }
}
