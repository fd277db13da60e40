package dev.nebulastore.client;

import java.time.Duration;

/**
 * How patient a client is.
 *
 * @param connectTimeout how long connecting may take
 * @param answerTimeout how long an answer may take, to its last byte; a long poll adds its wait
 * @param silence how long a stream may be silent before it counts as broken. The server speaks
 *     every 15 s on a watch
 * @param attempts how often an operation is tried in all, from 1 on
 * @param firstPause the pause before the second attempt where the server names none; doubled each
 *     time, and with up to a quarter more by chance
 * @param longestPause no pause is longer. If the server asks for a longer one, the problem is
 *     thrown instead, since to ask earlier would be rude
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

  /** Refuses times that are not positive and fewer attempts than one. */
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

  /** These settings with another bound on connecting. */
  public ClientSettings withConnectTimeout(Duration time) {
    return new ClientSettings(time, answerTimeout, silence, attempts, firstPause, longestPause);
  }

  /** These settings with another bound on answers. */
  public ClientSettings withAnswerTimeout(Duration time) {
    return new ClientSettings(connectTimeout, time, silence, attempts, firstPause, longestPause);
  }

  /** These settings with another bound on silence. */
  public ClientSettings withSilence(Duration time) {
    return new ClientSettings(
        connectTimeout, answerTimeout, time, attempts, firstPause, longestPause);
  }

  /** These settings with another number of attempts and other pauses between them. */
  public ClientSettings withAttempts(int attempts, Duration firstPause, Duration longestPause) {
    return new ClientSettings(
        connectTimeout, answerTimeout, silence, attempts, firstPause, longestPause);
  }

  private static void positive(String name, Duration time) {
    if (!time.isPositive()) {
      throw new IllegalArgumentException(name + " is " + time + ", and must be positive");
    }
  }
}
