package dev.nebulastore.security;

import java.util.Locale;

/** Refuses a request because of who sends it. Its message tells what is missing, and no secret. */
public final class AccessDenied extends RuntimeException {

  /** Why a request is refused. */
  public enum Kind {
    /** There is no token. */
    TOKEN_REQUIRED,
    /** There is a token, which is malformed, unknown, revoked or expired. */
    INVALID_TOKEN,
    /** The token does not include what is asked for. */
    INSUFFICIENT_SCOPE,
    /** The server serves only its own machine. */
    PROTECTED_MODE,
    /** The request names a host that is not this server's. */
    HOST_NOT_ALLOWED,
    /** A page of another server sends the request. */
    ORIGIN_NOT_ALLOWED;

    /** The name in metrics and the audit log, which is that of the problem. */
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Kind kind;

  AccessDenied(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  /** The refusal of a page of another server. */
  public static AccessDenied ofOrigin() {
    return new AccessDenied(
        Kind.ORIGIN_NOT_ALLOWED,
        "A page of another server sent this request. nebula.cors.origins allows pages by their"
            + " origin.");
  }

  /** Why the request is refused. */
  public Kind kind() {
    return kind;
  }
}
