package dev.nebulastore.storage;

import dev.nebulastore.kv.ContentBudget;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A budget whose calls a test can inspect.
 *
 * <p>Threads: thread-safe.
 */
public final class Purse implements ContentBudget {

  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile boolean empty;
  private volatile boolean closed;

  /** Refuses every reservation from now on. */
  public Purse empty() {
    empty = true;
    return this;
  }

  /** The request has ended, when the value that is being read arrives. */
  public Purse closed() {
    closed = true;
    return this;
  }

  /** The calls that it received, in order. */
  public List<String> log() {
    return log;
  }

  @Override
  public boolean reserve(int length, int copies) {
    log.add("reserve %d x %d".formatted(copies, length));
    return !empty;
  }

  @Override
  public boolean keep(int length, int reserved, int kept) {
    log.add("keep %d of %d x %d".formatted(kept, reserved, length));
    return !closed;
  }
}
