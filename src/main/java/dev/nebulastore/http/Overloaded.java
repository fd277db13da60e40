package dev.nebulastore.http;

import java.time.Duration;

/** A request that is refused, and not carried out, since others take what it would need. */
public final class Overloaded extends RuntimeException {

  /** When it makes sense to try again. */
  public static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private Overloaded(String message) {
    super(message, null, false, false);
  }

  /** As many requests are in hand as may be, or more connections are open than may be. */
  public static Overloaded byRequests() {
    return new Overloaded("As many requests are in hand as may be, or connections are open.");
  }

  /** There is no room for what the request, or a part of it, would bring or fetch. */
  public static Overloaded byContent() {
    return new Overloaded("There is no room in memory for the content of this request now.");
  }
}
