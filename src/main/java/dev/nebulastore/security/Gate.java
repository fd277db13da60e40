package dev.nebulastore.security;

import java.net.InetAddress;
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
 *   <li>The gate reads one immutable snapshot of the tokens. It waits only for tokens of an issuer
 *       that were not verified before; event loops use {@link #identifyAtOnce}, which never does.
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
   * @param address of the peer of the connection; null if it is not known
   * @param proxied whether a header says that the request came through a proxy
   * @param host the value of Host, or null if there is none, as in HTTP/1.0
   * @param authorization the value of Authorization, or null if there is none
   * @param certificate the subject of the client's certificate, which the TLS handshake has
   *     verified; null if there is none. Never taken from a header
   */
  public record Sender(
      @Nullable InetAddress address,
      boolean proxied,
      @Nullable String host,
      @Nullable String authorization,
      @Nullable X500Principal certificate) {

    /** A sender without a certificate, as all are on a connection in the clear. */
    public Sender(
        @Nullable InetAddress address,
        boolean proxied,
        @Nullable String host,
        @Nullable String authorization) {
      this(address, proxied, host, authorization, null);
    }

    /** Whether the peer of the connection is on the same machine. */
    boolean isLocal() {
      return address != null && address.isLoopbackAddress();
    }

    /** Without the token. */
    @Override
    public String toString() {
      return "Sender[address=%s, proxied=%s, host=%s]".formatted(address, proxied, host);
    }
  }

  private static final String SCHEME = "bearer ";

  private final SecurityProperties.Mode mode;
  private final HostNames hosts;
  private final Supplier<TokenSet> tokens;
  private final InstantSource clock;
  private final @Nullable JwtCallers issued;

  /**
   * Creates a gate.
   *
   * @param issued the callers whose tokens an issuer has made, or null if there is no issuer
   */
  Gate(
      SecurityProperties.Mode mode,
      HostNames hosts,
      Supplier<TokenSet> tokens,
      InstantSource clock,
      @Nullable JwtCallers issued) {
    this.mode = mode;
    this.hosts = hosts;
    this.tokens = tokens;
    this.clock = clock;
    this.issued = issued;
  }

  /** Whether everybody is served. */
  public boolean isOpen() {
    return mode == SecurityProperties.Mode.OPEN;
  }

  /** Whether the certificate of a sender can tell who it is. */
  public boolean knowsCertificates() {
    return mode == SecurityProperties.Mode.TOKENS;
  }

  /**
   * Who sends a request. May wait until the token of an issuer is verified.
   *
   * @throws AccessDenied if the sender is not served at all
   * @throws VerificationUnavailable if the token of an issuer can't be verified now
   */
  public Caller identify(Sender sender) {
    return switch (mode) {
      case OPEN -> Caller.ANYONE;
      case PROTECTED -> {
        requireLocal(sender);
        yield Caller.ANYONE;
      }
      case TOKENS -> {
        String authorization = sender.authorization();
        if (authorization == null) {
          yield ownerOf(sender.certificate());
        }
        // Who sends both a token and a certificate is the owner of the token.
        String token = token(authorization);
        yield issued == null || TokenText.isOne(token) ? ownerOf(token) : issued.verify(token);
      }
    };
  }

  /** Who sends a request, without waiting; null if only {@link #identify} can tell. */
  public @Nullable Caller identifyAtOnce(Sender sender) {
    String authorization = sender.authorization();
    if (issued != null && authorization != null && mode == SecurityProperties.Mode.TOKENS) {
      String token = token(authorization);
      if (!TokenText.isOne(token)) {
        return issued.known(token);
      }
    }
    return identify(sender);
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
    Instant now = clock.instant();
    if (caller.hasExpired(now) || !tokens.get().isCurrent(caller, now)) {
      throw invalidToken();
    }
  }

  private void requireLocal(Sender sender) {
    if (!sender.isLocal() || sender.proxied()) {
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

  /** What is to be sent, for the messages of refusals. */
  private String form() {
    return issued == null ? "Bearer nst_<id>_<secret>." : "Bearer <token>.";
  }

  private String token(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new AccessDenied(
          AccessDenied.Kind.INVALID_TOKEN, "The Authorization header must be: " + form());
    }
    return authorization.substring(SCHEME.length()).strip();
  }

  private Caller ownerOf(String token) {
    Caller owner = tokens.get().find(token, clock.instant());
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
          "Send a token: Authorization: "
              + form()
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
