package dev.nebulastore.security;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Base64URL;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtAudienceValidator;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Verifies the signature, issuer, audience and times of a token (RFC 7519, RFC 9068) by Spring
 * Security's decoder.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Only asymmetric algorithms are accepted. Their keys are public, so a symmetric one would
 *       let everybody make tokens.
 *   <li>The header is read before anything else, so that keys are only fetched for a token with an
 *       accepted algorithm, and never while a {@link JwtCallers} counts the verification.
 *   <li>A token is valid from {@link #SKEW} before its nbf, since the clock of the issuer may be
 *       ahead, until its exp, exactly.
 * </ol>
 *
 * <p>Threads: immutable.
 */
final class JwtVerifier {

  static final Duration SKEW = Duration.ofSeconds(60);

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Arrays.stream(SignatureAlgorithm.values())
          .map(algorithm -> JWSAlgorithm.parse(algorithm.getName()))
          .collect(Collectors.toUnmodifiableSet());

  private final IssuerKeys keys;
  private final NimbusJwtDecoder decoder;
  private final JwtClaims claims;
  private final InstantSource clock;

  JwtVerifier(OidcProperties properties, IssuerKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
    this.claims = new JwtClaims(properties);
    this.decoder =
        NimbusJwtDecoder.withJwkSource((wanted, _) -> wanted.select(keys.known()))
            .jwsAlgorithms(all -> all.addAll(Arrays.asList(SignatureAlgorithm.values())))
            .jwtProcessorCustomizer(processor ->
                processor.setJWSTypeVerifier(
                    new DefaultJOSEObjectTypeVerifier<SecurityContext>(
                        JOSEObjectType.JWT,
                        new JOSEObjectType("at+jwt"),
                        new JOSEObjectType("application/at+jwt"),
                        null)))
            .build();
    decoder.setJwtValidator(validator(properties, clock));
  }

  private static OAuth2TokenValidator<Jwt> validator(
      OidcProperties properties, InstantSource clock) {
    JwtTimestampValidator times = new JwtTimestampValidator(SKEW);
    times.setClock(clock.withZone(ZoneOffset.UTC));
    return new DelegatingOAuth2TokenValidator<>(
        new JwtIssuerValidator(String.valueOf(properties.issuer())),
        new JwtAudienceValidator(String.valueOf(properties.audience())),
        times);
  }

  /** Has the keys for a token fetched if need be, and waits for them. */
  void prepare(String token) {
    JWSHeader header;
    try {
      header = JWSHeader.parse(new Base64URL(token.substring(0, token.indexOf('.'))));
    } catch (ParseException | IllegalArgumentException e) {
      throw denied("its header is malformed");
    }
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      throw denied("its algorithm is not accepted");
    }
    JWKSelector wanted = new JWKSelector(JWKMatcher.forJWSHeader(header));
    if (wanted.select(keys.keysFor(wanted)).isEmpty()) {
      throw denied("its key is not one of the issuer's");
    }
  }

  /** The caller whose token this is; without waiting for keys. */
  Caller verify(String token) {
    Jwt decoded;
    try {
      decoded = decoder.decode(token);
    } catch (JwtValidationException e) {
      throw denied(
          e.getErrors().stream()
              .map(OAuth2Error::getDescription)
              .collect(Collectors.joining("; ")));
    } catch (JwtException e) {
      // Without its message, which may quote the token.
      throw denied("its signature or its form is wrong");
    }
    Caller caller = claims.callerOf(decoded);
    if (caller.hasExpired(clock.instant())) {
      throw denied("it has expired");
    }
    return caller;
  }

  private static AccessDenied denied(String reason) {
    return new AccessDenied(
        AccessDenied.Kind.INVALID_TOKEN, "The token is not valid: " + reason + ".");
  }
}
