package dev.nebulastore.audit;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A sink whose writes wait or fail as a test says.
 *
 * <p>Threads: safe for all.
 */
final class ScriptedSink implements AuditSink {

  final List<String> lines = new CopyOnWriteArrayList<>();
  private final Semaphore writes = new Semaphore(0);
  private final Semaphore begun = new Semaphore(0);
  private volatile boolean blocked;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  /** Lets all writes wait from now on. */
  void block() {
    blocked = true;
  }

  /** Waits until a write waits. */
  void awaitBlocked() {
    begun.acquireUninterruptibly();
  }

  void unblock() {
    blocked = false;
    writes.release(1_000_000);
  }

  /** What writes throw from now on; null for none. */
  void failWith(@Nullable Throwable next) {
    failure = next;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void write(String line) throws IOException {
    if (blocked) {
      begun.release();
      writes.acquireUninterruptibly();
    }
    switch (failure) {
      case null -> lines.add(line);
      case Error error -> throw error;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
