package dev.nebulastore.ops.health;

import dev.nebulastore.storage.ForwardingEngine;
import dev.nebulastore.storage.StorageEngine;

/**
 * An engine that reports the condition that a test sets.
 *
 * <p>Threads: thread-safe; its state is in volatile fields.
 */
final class AilingEngine extends ForwardingEngine {

  private volatile Condition condition = Condition.WRITABLE;
  private volatile long corruptions;

  AilingEngine(StorageEngine engine) {
    super(engine);
  }

  void is(Condition.State state, String cause) {
    condition = new Condition(state, cause);
  }

  void hasMetDamage(long times) {
    corruptions = times;
  }

  @Override
  public Condition condition() {
    return condition;
  }

  @Override
  public long corruptions() {
    return corruptions;
  }

  /** An engine without a limit of its own. */
  @Override
  public boolean settlesAtOnce() {
    return true;
  }

  @Override
  public Usage usage() {
    return new Usage(super.usage().entries(), super.usage().bytes(), Long.MAX_VALUE);
  }

  @Override
  public String name() {
    return "ailing";
  }
}
