package dev.nebulastore.kv;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of one key. A command is data: it says everything that its outcome depends on
 * but the current entry, the revision and the time, so that each engine and each replica decides
 * alike.
 */
public sealed interface Command {

  /**
   * The version of what commands mean. What is kept may depend on it, so it stands beside the data;
   * it is raised when a command comes, goes, or would have another outcome than before.
   */
  int VERSION = 1;

  /** The shortest time to live. */
  Duration MIN_TTL = Duration.ofSeconds(1);

  /** The longest time to live. */
  Duration MAX_TTL = Duration.ofDays(3_650);

  /** The key that it is about. */
  Key key();

  /** Reads the entry. */
  record Get(Key key, Precondition precondition) implements Command {}

  /**
   * Writes the entry, new or over the old one.
   *
   * @param ttl how long it stays, or null for ever: an older expiry does not carry over
   * @param guarded whether an overwrite without a condition is refused
   */
  record Put(
      Key key, Precondition precondition, Value value, @Nullable Duration ttl, boolean guarded)
      implements Command {
    /** Refuses a time to live out of bounds. */
    public Put {
      requireTtl(ttl);
    }
  }

  /**
   * Changes when the entry expires, and nothing else of it.
   *
   * @param ttl how long it stays from now on, or null for ever
   */
  record Touch(Key key, Precondition precondition, @Nullable Duration ttl) implements Command {
    /** Refuses a time to live out of bounds. */
    public Touch {
      requireTtl(ttl);
    }
  }

  /**
   * Adds to the number that the entry holds ({@link Counter}), and writes the sum in its place. A
   * missing entry counts as 0. An overwrite never needs a condition: no update is lost by adding.
   *
   * @param amount may be negative, or 0, which also writes
   * @param ttl as of a {@link Put}
   */
  record Add(Key key, Precondition precondition, long amount, @Nullable Duration ttl)
      implements Command {
    /** Refuses a time to live out of bounds. */
    public Add {
      requireTtl(ttl);
    }
  }

  /** Removes the entry, if there is one. */
  record Delete(Key key, Precondition precondition) implements Command {}

  /** Removes the entry if its time has come; sent by the sweep, never by a client. */
  record Expire(Key key) implements Command {}

  private static void requireTtl(@Nullable Duration ttl) {
    if (ttl != null && (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0)) {
      throw new IllegalArgumentException(
          "A time to live is " + MIN_TTL + " to " + MAX_TTL + ", not " + ttl);
    }
  }
}
