package dev.nebulastore.client;

import java.time.Duration;

/**
 * Timeouts and retries of a client.
 *
 * @param connectTimeout the limit for connecting
 * @param answerTimeout the limit for a response, up to its last byte; a long poll adds its wait
 * @param silence how long a stream may be silent before it counts as broken. On a watch the server
 *     sends a heartbeat every 15 s
 * @param attempts the number of attempts in total, at least 1
 * @param firstPause the pause before the second attempt, unless the server sends {@code
 *     Retry-After}. It doubles with each attempt; a random part of up to a quarter is added
 * @param longestPause the limit for a pause. If the server asks for a longer one, the problem is
 *     thrown instead
 */
public record ClientSettings(
    Duration connectTimeout,
    Duration answerTimeout,
    Duration silence,
    int attempts,
    Duration firstPause,
    Duration longestPause) {

  private static final ClientSettings DEFAULTS =
      new ClientSettings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(45),
          4,
          Duration.ofMillis(100),
          Duration.ofSeconds(10));

  /** Requires positive times and at least one attempt. */
  public ClientSettings {
    positive("connectTimeout", connectTimeout);
    positive("answerTimeout", answerTimeout);
    positive("silence", silence);
    positive("firstPause", firstPause);
    positive("longestPause", longestPause);
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts is " + attempts + ", and must be at least 1");
    }
  }

  /** 5 s to connect, 30 s to answer, 45 s of silence, 4 attempts with pauses of 0.1 s to 10 s. */
  public static ClientSettings defaults() {
    return DEFAULTS;
  }

  /** Returns these settings with another limit for connecting. */
  public ClientSettings withConnectTimeout(Duration time) {
    return new ClientSettings(time, answerTimeout, silence, attempts, firstPause, longestPause);
  }

  /** Returns these settings with another limit for responses. */
  public ClientSettings withAnswerTimeout(Duration time) {
    return new ClientSettings(connectTimeout, time, silence, attempts, firstPause, longestPause);
  }

  /** Returns these settings with another limit for silence. */
  public ClientSettings withSilence(Duration time) {
    return new ClientSettings(
        connectTimeout, answerTimeout, time, attempts, firstPause, longestPause);
  }

  /** Returns these settings with another number of attempts and other pauses. */
  public ClientSettings withAttempts(int attempts, Duration firstPause, Duration longestPause) {
    return new ClientSettings(
        connectTimeout, answerTimeout, silence, attempts, firstPause, longestPause);
  }

  private static void positive(String name, Duration time) {
    if (time.isZero() || time.isNegative()) {
      throw new IllegalArgumentException(name + " is " + time + ", and must be positive");
    }
  }
}
