package dev.nebulastore.security;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Decides who sends a request: the one place where both ways in ask it. What the {@link Caller} may
 * do is asked where a command is read.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>The gate never waits, and reads one immutable snapshot of the tokens.
 *   <li>In the mode protected, the peer of the socket decides, not a header. A proxy on the same
 *       machine would make everybody a local client, so whatever came through one is refused.
 *   <li>In the mode protected, the name in {@code Host} must be local. Otherwise a page in a
 *       browser on this machine, whose own name resolves to 127.0.0.1, could read the answers.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class Gate {

  /**
   * What is known of the sender of a request.
   *
   * @param local whether the peer of the connection is on the same machine
   * @param proxied whether a header says that the request came through a proxy
   * @param host the value of Host, or null if there is none, as in HTTP/1.0
   * @param authorization the value of Authorization, or null if there is none
   * @param certificate the subject of the client's certificate, which the TLS handshake has
   *     verified; null if there is none. Never taken from a header
   */
  public record Sender(
      boolean local,
      boolean proxied,
      @Nullable String host,
      @Nullable String authorization,
      @Nullable X500Principal certificate) {

    /** A sender without a certificate, as all are on a connection in the clear. */
    public Sender(
        boolean local, boolean proxied, @Nullable String host, @Nullable String authorization) {
      this(local, proxied, host, authorization, null);
    }

    /** Without the token. */
    @Override
    public String toString() {
      return "Sender[local=%s, proxied=%s, host=%s]".formatted(local, proxied, host);
    }
  }

  private static final String SCHEME = "bearer ";

  private final SecurityProperties.Mode mode;
  private final HostNames hosts;
  private final Supplier<TokenSet> tokens;
  private final InstantSource clock;

  Gate(
      SecurityProperties.Mode mode,
      HostNames hosts,
      Supplier<TokenSet> tokens,
      InstantSource clock) {
    this.mode = mode;
    this.hosts = hosts;
    this.tokens = tokens;
    this.clock = clock;
  }

  /** Whether everybody is served. */
  public boolean isOpen() {
    return mode == SecurityProperties.Mode.OPEN;
  }

  /** Whether the certificate of a sender can tell who it is. */
  public boolean knowsCertificates() {
    return mode == SecurityProperties.Mode.TOKENS;
  }

  /** Who sends a request; throws {@link AccessDenied} if the sender is not served at all. */
  public Caller identify(Sender sender) {
    return switch (mode) {
      case OPEN -> Caller.ANYONE;
      case PROTECTED -> {
        requireLocal(sender);
        yield Caller.ANYONE;
      }
      case TOKENS -> ownerOf(sender);
    };
  }

  /**
   * Whether the sender may have what needs no token, such as a page: all but those who are not
   * served in the mode protected.
   */
  public void admit(Sender sender) {
    if (mode == SecurityProperties.Mode.PROTECTED) {
      requireLocal(sender);
    }
  }

  /** Refuses a caller whose token was revoked or has expired since. */
  public void requireCurrent(Caller caller) {
    if (!tokens.get().isCurrent(caller, clock.instant())) {
      throw invalidToken();
    }
  }

  private void requireLocal(Sender sender) {
    if (!sender.local() || sender.proxied()) {
      throw new AccessDenied(
          AccessDenied.Kind.PROTECTED_MODE,
          "This server is in protected mode: it serves only clients on its own machine%s."
                  .formatted(sender.proxied() ? ", and not through a proxy" : "")
              + " To open it, set nebula.security.tokens-file (environment:"
              + " NEBULA_SECURITY_TOKENS_FILE), so that clients need a token; or set"
              + " nebula.security.mode=open (NEBULA_SECURITY_MODE=open), so that everybody who"
              + " reaches it may read and write everything; or send the request from its own"
              + " machine, to localhost.");
    }
    if (!hosts.allow(sender.host())) {
      throw new AccessDenied(
          AccessDenied.Kind.HOST_NOT_ALLOWED,
          "In protected mode the Host header must be localhost, an address of this machine's"
              + " loopback, or one of nebula.security.hosts.");
    }
  }

  /** Who sends both a token and a certificate is the owner of the token. */
  private Caller ownerOf(Sender sender) {
    String authorization = sender.authorization();
    if (authorization == null) {
      return ownerOf(sender.certificate());
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new AccessDenied(
          AccessDenied.Kind.INVALID_TOKEN,
          "The Authorization header must be: Bearer nst_<id>_<secret>.");
    }
    Instant now = clock.instant();
    Caller owner = tokens.get().find(authorization.substring(SCHEME.length()).strip(), now);
    if (owner == null) {
      throw invalidToken();
    }
    return owner;
  }

  private Caller ownerOf(@Nullable X500Principal certificate) {
    Caller owner = certificate == null ? null : tokens.get().find(certificate, clock.instant());
    if (owner == null) {
      throw new AccessDenied(
          AccessDenied.Kind.TOKEN_REQUIRED,
          "Send a token: Authorization: Bearer nst_<id>_<secret>."
              + (certificate == null
                  ? ""
                  : " The tokens file has no valid line with the certificate's subject=%s."
                      .formatted(CertificateSubject.format(certificate))));
    }
    return owner;
  }

  private static AccessDenied invalidToken() {
    return new AccessDenied(
        AccessDenied.Kind.INVALID_TOKEN, "The token is unknown, was revoked, or has expired.");
  }
}
