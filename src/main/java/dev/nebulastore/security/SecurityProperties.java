package dev.nebulastore.security;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Who may use the server.
 *
 * @param mode protected serves only its own machine, tokens asks for a token, open serves
 *     everybody; by default tokens if tokens-file or oidc.issuer is set, else protected. Without
 *     server.address, a server in the mode protected listens on 127.0.0.1 alone
 * @param tokensFile the file with the tokens, a line each; see docs/security.md. Read again when it
 *     changes. Others than the user of the server must not be able to read it; by default there is
 *     none
 * @param hosts in the mode protected, the host names in addition to localhost by which the server
 *     may be called, without a port; by default none. A request with another Host header is refused
 *     with 403, so that a page in a browser can't use the server under a name of its own (DNS
 *     rebinding)
 * @param requireTls whether the start is refused if other machines can connect without TLS, to the
 *     server or to a management port of its own. Otherwise it is only logged, if clients send
 *     tokens
 * @param oidc tokens that an OpenID Connect issuer has made
 */
@ConfigurationProperties(SecurityProperties.PREFIX)
record SecurityProperties(
    @Nullable Mode mode,
    @Nullable Path tokensFile,
    @DefaultValue List<String> hosts,
    @DefaultValue("false") boolean requireTls,
    @DefaultValue @NestedConfigurationProperty OidcProperties oidc) {

  static final String PREFIX = "nebula.security";

  /** Who is served. */
  enum Mode {
    /** Only clients on the same machine. */
    PROTECTED,
    /** Whoever has a token. */
    TOKENS,
    /** Everybody. */
    OPEN
  }

  SecurityProperties {
    hosts = List.copyOf(hosts);
    boolean asks = asks(tokensFile, oidc);
    if (mode == Mode.TOKENS && !asks) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.security.mode",
          "tokens",
          "needs nebula.security.tokens-file or nebula.security.oidc.issuer");
    }
    if (mode != null && mode != Mode.TOKENS && asks) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.security.mode",
          mode.name().toLowerCase(Locale.ROOT),
          "must be tokens, or not set, if %s is set"
              .formatted(
                  tokensFile == null
                      ? "nebula.security.oidc.issuer"
                      : "nebula.security.tokens-file"));
    }
  }

  Mode modeOrDefault() {
    if (mode != null) {
      return mode;
    }
    return asks(tokensFile, oidc) ? Mode.TOKENS : Mode.PROTECTED;
  }

  /** Whether callers are known by something that is configured. */
  private static boolean asks(@Nullable Path tokensFile, OidcProperties oidc) {
    return tokensFile != null || oidc.issuer() != null;
  }
}
