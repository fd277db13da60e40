package dev.nebulastore.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A step of a batch or a transaction.
 *
 * {@snippet class="dev.nebulastore.client.BatchTests" region="batch"}
 */
public sealed interface Operation {

  /** The key that it is about. */
  String key();

  /** What must be true of the entry, or else the step is not done. */
  Condition condition();

  /** A read. */
  record Get(String key, Condition condition) implements Operation {}

  /**
   * A write.
   *
   * @param ttl how long the entry lives; null for good
   */
  record Put(String key, Value value, @Nullable Duration ttl, Condition condition)
      implements Operation {}

  /** A deletion. */
  record Delete(String key, Condition condition) implements Operation {}

  /** Reads a key. */
  static Operation get(String key) {
    return new Get(key, Condition.none());
  }

  /** Stores a value for good. */
  static Operation put(String key, Value value) {
    return new Put(key, value, null, Condition.none());
  }

  /** Stores a value for good, if the condition holds. */
  static Operation put(String key, Value value, Condition condition) {
    return new Put(key, value, null, condition);
  }

  /** Deletes a key. */
  static Operation delete(String key) {
    return new Delete(key, Condition.none());
  }

  /** Deletes a key, if the condition holds. */
  static Operation delete(String key, Condition condition) {
    return new Delete(key, condition);
  }
}
