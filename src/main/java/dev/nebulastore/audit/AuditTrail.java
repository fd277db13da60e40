package dev.nebulastore.audit;

import dev.nebulastore.http.Overloaded;
import dev.nebulastore.security.TokensListener;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events of the audit log, and never waits.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Whoever is about to do something that must have a line {@link #reserve reserves} room for
 *       it first. If no line may be lost and there is no room, that throws, so that nothing happens
 *       without its line. What was reserved is either {@link #record recorded} or {@link #release
 *       released}.
 *   <li>If lines may be lost, nothing is reserved: a line that finds no room is lost and counted.
 *   <li>{@link #record} throws nothing, since what it tells has already happened.
 *   <li>A reload belongs to no request that could be refused, so some room is kept for reloads.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class AuditTrail implements TokensListener, AuditReport {

  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);

  private static final int FOR_RELOADS = 64;

  /** How long a stop waits for the lines that are not written yet. */
  private static final Duration LAST = Duration.ofSeconds(5);

  // Null: there is no audit log.
  private final @Nullable AuditWriter writer;
  private final boolean writes;
  private final boolean refuses;
  private final int capacity;
  private final InstantSource clock;
  private final Semaphore room;
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong stopped = new AtomicLong();
  private volatile boolean closed;

  /** Creates a trail whose writer was not started. */
  private AuditTrail(AuditProperties properties, InstantSource clock, @Nullable AuditWriter to) {
    this.writer = to;
    this.writes = to != null && properties.writes();
    this.refuses = properties.refuses();
    this.capacity = properties.queue();
    this.clock = clock;
    this.room = new Semaphore(capacity);
  }

  /** A trail that records nothing. */
  static AuditTrail off(AuditProperties properties, InstantSource clock) {
    return new AuditTrail(properties, clock, null);
  }

  /** A trail whose lines go to a sink. */
  static AuditTrail to(
      AuditSink sink, AuditProperties properties, InstantSource clock, Execution execution) {
    AuditWriter writer =
        new AuditWriter(execution, sink, properties.refuses(), properties.queue() + FOR_RELOADS);
    writer.start();
    return new AuditTrail(properties, clock, writer);
  }

  /** Whether there is an audit log. */
  public boolean isOn() {
    return writer != null;
  }

  /** Whether each write has a line. */
  public boolean hasWrites() {
    return writes;
  }

  /**
   * Reserves room for lines.
   *
   * @throws Overloaded if there is none and no line may be lost
   */
  public void reserve(int lines) {
    if (refuses && writer != null && !room.tryAcquire(lines)) {
      refused.incrementAndGet();
      throw Overloaded.byAuditLog(capacity);
    }
  }

  /** Gives back what was reserved and is not needed. */
  public void release(int lines) {
    if (refuses && writer != null) {
      room.release(lines);
    }
  }

  /** Records an event for which one line was reserved. */
  public void record(AuditEvent event) {
    if (writer == null) {
      return;
    }
    if (closed) {
      release(1);
      stopped.incrementAndGet();
    } else if (!refuses && !room.tryAcquire()) {
      full.incrementAndGet();
    } else if (!isTaken(event, room::release)) {
      room.release();
      full.incrementAndGet();
    }
  }

  private boolean isTaken(AuditEvent event, Runnable taken) {
    try {
      return writer != null && writer.offer(clock.instant(), event, taken);
    } catch (Throwable e) {
      // There is no memory. Whatever the event tells has happened, and its answer is due.
      return false;
    }
  }

  @Override
  public void tokensLoaded(int tokens) {
    recordReload(new AuditEvent.Reloaded(tokens, null));
  }

  @Override
  public void tokensRefused(String reason) {
    recordReload(new AuditEvent.Reloaded(0, reason));
  }

  private void recordReload(AuditEvent reload) {
    if (writer != null && (closed || !isTaken(reload, () -> {}))) {
      (closed ? stopped : full).incrementAndGet();
    }
  }

  @Override
  public long written() {
    return writer == null ? 0 : writer.written();
  }

  @Override
  public long lost(Loss loss) {
    return switch (loss) {
      case FULL -> full.get();
      case FAILED -> writer == null ? 0 : writer.failed();
      case STOPPED -> stopped.get();
    };
  }

  @Override
  public long refused() {
    return refused.get();
  }

  @Override
  public int waiting() {
    return writer == null ? 0 : writer.waiting();
  }

  @Override
  public Optional<String> trouble() {
    return writer == null ? Optional.empty() : Optional.ofNullable(writer.trouble());
  }

  /** Writes the lines that wait, for a limited time. Later ones are lost. */
  void close() {
    close(LAST);
  }

  /** Writes the lines that wait, for this time at most. */
  void close(Duration limit) {
    if (writer == null || closed) {
      return;
    }
    closed = true;
    long failedBefore = writer.failed();
    try {
      writer.stop(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long left = writer.waiting() + writer.failed() - failedBefore;
    stopped.addAndGet(writer.waiting());
    if (left > 0) {
      log.warn("{} lines of the audit log were not written before the server stopped", left);
    }
  }
}
