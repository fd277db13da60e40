package dev.nebulastore.client;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a batch or a transaction.
 *
 * {@snippet class="dev.nebulastore.client.BatchIT" region="batch"}
 */
public sealed interface Operation {

  /** The key to read, write, touch or delete. */
  String key();

  /** The precondition of the operation. */
  Condition condition();

  /** A read. */
  record Get(String key, Condition condition) implements Operation {}

  /**
   * A write.
   *
   * @param ttl the time to live; null for an entry that does not expire, or does at a time
   * @param expires the time at which the entry expires; null if it does not, or if there is a ttl.
   *     If that has come, or will in less than a second, the key is deleted, and the status is 204
   */
  record Put(
      String key,
      Value value,
      @Nullable Duration ttl,
      @Nullable Instant expires,
      Condition condition)
      implements Operation {
    /** Refuses both a ttl and a time. */
    public Put {
      if (ttl != null && expires != null) {
        throw new IllegalArgumentException("a put has a ttl or a time at which it expires");
      }
    }

    /** Stores a value with a time to live, or without if that is null. */
    public Put(String key, Value value, @Nullable Duration ttl, Condition condition) {
      this(key, value, ttl, null, condition);
    }
  }

  /**
   * A change of the expiry.
   *
   * @param ttl the time to live, from then on; null for an entry that does not expire any more
   */
  record Touch(String key, @Nullable Duration ttl, Condition condition) implements Operation {}

  /**
   * An addition to a number; the result has the sum as its value.
   *
   * @param amount may be negative, or 0
   * @param ttl the time to live; null for an entry that does not expire
   */
  record Add(String key, long amount, @Nullable Duration ttl, Condition condition)
      implements Operation {}

  /** A deletion. */
  record Delete(String key, Condition condition) implements Operation {}

  /** Reads a key. */
  static Operation get(String key) {
    return new Get(key, Condition.none());
  }

  /** Stores a value that does not expire. */
  static Operation put(String key, Value value) {
    return new Put(key, value, null, Condition.none());
  }

  /** Stores a value that does not expire, if the condition holds. */
  static Operation put(String key, Value value, Condition condition) {
    return new Put(key, value, null, condition);
  }

  /** Sets the time to live of an entry. */
  static Operation touch(String key, Duration ttl) {
    return new Touch(key, ttl, Condition.none());
  }

  /** Removes the time to live of an entry. */
  static Operation keep(String key) {
    return new Touch(key, null, Condition.none());
  }

  /** Adds to a number, as {@link NebulaStore#add(String, long)}. */
  static Operation add(String key, long amount) {
    return new Add(key, amount, null, Condition.none());
  }

  /** Adds to a number, as {@link NebulaStore#add(String, long, Duration)}. */
  static Operation add(String key, long amount, Duration ttl) {
    return new Add(key, amount, ttl, Condition.none());
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
