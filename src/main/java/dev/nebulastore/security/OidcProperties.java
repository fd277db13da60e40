package dev.nebulastore.security;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;

/**
 * Tokens (JWTs) that an OpenID Connect issuer has made. An empty text, as an environment without
 * the variable may give it, is none.
 *
 * @param issuer the issuer whose tokens are accepted, exactly as it is in their claim iss, such as
 *     https://login.example.com/realms/main; by default there is none. Its keys are found by its
 *     /.well-known/openid-configuration
 * @param audience what the claim aud of a token must contain. Required with issuer; by default
 *     there is none
 * @param rolesClaim the claim with the roles: a text with blanks between them, or a list
 * @param scopePrefix what roles in the claim begin with, such as nebula: for nebula:read; by
 *     default nothing. Other values of the claim are ignored
 * @param prefixesClaim the claim with the prefixes of the keys that the caller may read and write,
 *     a list. A token without it may use all keys
 * @param jwkSetUri where the keys of the issuer are; by default they are found by the issuer
 */
record OidcProperties(
    @Nullable String issuer,
    @Nullable String audience,
    @DefaultValue("scope") String rolesClaim,
    @Nullable String scopePrefix,
    @DefaultValue("nebula_prefixes") String prefixesClaim,
    @Nullable String jwkSetUri) {

  private static final String PREFIX = "nebula.security.oidc.";

  OidcProperties {
    issuer = textOrNull(issuer);
    audience = textOrNull(audience);
    jwkSetUri = textOrNull(jwkSetUri);
    refuseUnless(
        issuer == null || isHttp(issuer, false),
        "issuer",
        issuer,
        "must be an absolute http or https URI without a query, such as"
            + " https://login.example.com/realms/main");
    refuseUnless(
        jwkSetUri == null || isHttp(jwkSetUri, true),
        "jwk-set-uri",
        jwkSetUri,
        "must be an absolute http or https URI");
    refuseUnless(
        issuer == null || audience != null,
        "audience",
        "",
        "must be set if nebula.security.oidc.issuer is set");
    refuseUnless(
        issuer != null || audience == null, "audience", audience, "needs " + PREFIX + "issuer");
    refuseUnless(
        issuer != null || jwkSetUri == null,
        "jwk-set-uri",
        jwkSetUri,
        "needs " + PREFIX + "issuer");
    refuseUnless(!rolesClaim.isBlank(), "roles-claim", rolesClaim, "must be the name of a claim");
    refuseUnless(
        !prefixesClaim.isBlank(), "prefixes-claim", prefixesClaim, "must be the name of a claim");
  }

  private static @Nullable String textOrNull(@Nullable String text) {
    return StringUtils.hasText(text) ? text.strip() : null;
  }

  private static void refuseUnless(
      boolean valid, String name, @Nullable String value, String reason) {
    if (!valid) {
      throw new InvalidConfigurationPropertyValueException(PREFIX + name, value, reason);
    }
  }

  /** Whether a text is an absolute URI of a server, without credentials. */
  static boolean isHttp(String text, boolean mayHaveQuery) {
    try {
      URI uri = new URI(text);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getFragment() == null
          && (mayHaveQuery || uri.getQuery() == null);
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
