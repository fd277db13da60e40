package dev.nebulastore.storage;

import dev.nebulastore.kv.ContentBudget;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A budget that a test looks into.
 *
 * <p>Threads: safe for all.
 */
public final class Purse implements ContentBudget {

  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile boolean empty;
  private volatile boolean closed;

  /** Has no room from now on. */
  public Purse empty() {
    empty = true;
    return this;
  }

  /** Nobody waits any more, when what is being read comes. */
  public Purse closed() {
    closed = true;
    return this;
  }

  /** What was asked of it, in order. */
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
