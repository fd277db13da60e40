package dev.nebulastore.security;

import java.time.Duration;

/**
 * The token of an issuer can't be verified now, so nobody knows whether it is valid. Its message
 * holds nothing of the token.
 */
public final class VerificationUnavailable extends RuntimeException {

  private final Duration retryAfter;

  VerificationUnavailable(String message, Duration retryAfter) {
    super(message, null, false, false);
    this.retryAfter = retryAfter;
  }

  /** When a retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
