package dev.nebulastore.client;

import java.time.Duration;

/**
 * How long a read may wait for a change: the server takes up to a minute.
 *
 * @param atMost from one second on, in whole seconds; what is left over is dropped
 */
public record Wait(Duration atMost) {

  /** Refuses what is not worth a wait. */
  public Wait {
    if (atMost.toSeconds() < 1) {
      throw new IllegalArgumentException("a wait of " + atMost + " is less than a second");
    }
  }

  /** A wait of so many seconds. */
  public static Wait seconds(int seconds) {
    return new Wait(Duration.ofSeconds(seconds));
  }

  /** The preference of RFC 7240. */
  @Override
  public String toString() {
    return "wait=" + atMost.toSeconds();
  }
}
