package dev.nebulastore.client;

import java.time.Duration;

/**
 * How long a read may wait for a change. The server reduces it to its {@code
 * nebula.watch.max-wait}, 50 s by default.
 *
 * @param atMost at least one second; fractions of a second are dropped
 */
public record Wait(Duration atMost) {

  /** Requires at least one second. */
  public Wait {
    if (atMost.toSeconds() < 1) {
      throw new IllegalArgumentException("a wait of " + atMost + " is less than a second");
    }
  }

  /** Returns a wait of this many seconds. */
  public static Wait seconds(int seconds) {
    return new Wait(Duration.ofSeconds(seconds));
  }

  /** The preference, as the header {@code Prefer} has it (RFC 7240). */
  @Override
  public String toString() {
    return "wait=" + atMost.toSeconds();
  }
}
