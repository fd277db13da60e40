package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/** Which tokens are valid. */
class JwtVerifierTests {

  private static final Instant BEGIN = Instant.parse("2033-01-31T00:00:00Z");
  private static final Instant LATER = BEGIN.plusSeconds(300);
  private static final TestIssuer ISSUER = TestIssuer.start();
  private static final OctetSequenceKey SECRET =
      new OctetSequenceKey.Builder("a secret of the issuer, of 32 bytes".getBytes(UTF_8))
          .keyID("secret")
          .build();

  private Instant now = BEGIN;
  private final AtomicInteger fetches = new AtomicInteger();
  private JWKSet published = ISSUER.keys();

  private final JwtVerifier verifier =
      new JwtVerifier(
          new OidcProperties(
              ISSUER.issuer(), TestIssuer.AUDIENCE, "scope", null, "nebula_prefixes", null),
          new IssuerKeys(
              ISSUER.issuer(),
              () -> {
                fetches.incrementAndGet();
                return published;
              },
              () -> now),
          () -> now);

  @AfterAll
  static void stop() {
    ISSUER.close();
  }

  private Caller verify(String token) {
    verifier.prepare(token);
    return verifier.verify(token);
  }

  /** The refusal, which tells nothing of the token. */
  private String refusal(String token) {
    AccessDenied denied = catchThrowableOfType(AccessDenied.class, () -> verify(token));
    assertThat(denied).as(token).isNotNull();
    assertThat(denied.kind()).isEqualTo(AccessDenied.Kind.INVALID_TOKEN);
    String message = String.valueOf(denied.getMessage());
    for (String part : token.split("\\.", -1)) {
      if (!part.isEmpty()) {
        assertThat(message).doesNotContain(part);
      }
    }
    return message;
  }

  private static Map<String, @Nullable Object> with(String claim, @Nullable Object value) {
    Map<String, @Nullable Object> claims = new HashMap<>();
    claims.put(claim, value);
    return claims;
  }

  private static String token(String claim, @Nullable Object value) {
    return ISSUER.token(LATER, with(claim, value));
  }

  private static JWTClaimsSet claims() {
    return ISSUER.claims(LATER, Map.of());
  }

  @Test
  void tokensOfTheIssuerAreValid() {
    for (String token :
        List.of(ISSUER.token(LATER, Map.of()), ISSUER.ecToken(LATER, Map.of("scope", "read")))) {
      Caller caller = verify(token);
      assertThat(caller.id()).isEqualTo("oidc:somebody");
      assertThat(caller.remaining(now)).isEqualTo(Duration.ofMinutes(5));
      caller.require(Role.READ);
      assertThatThrownBy(() -> caller.require(Role.ADMIN)).isInstanceOf(AccessDenied.class);
    }
    assertThat(fetches).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource
  void allAsymmetricAlgorithmsAreAccepted(SignatureAlgorithm algorithm) throws JOSEException {
    JWSAlgorithm alg = JWSAlgorithm.parse(algorithm.getName());
    JWK key = AllKeys.forAlgorithm(alg);
    published = new JWKSet(key.toPublicJWK());
    assertThat(verify(AllKeys.signed(key, alg, claims())).id()).isEqualTo("oidc:somebody");
  }

  @Test
  void keyWithoutIdIsFoundByItsType() {
    String token =
        TestIssuer.signed(ISSUER.key(TestIssuer.EC), claims(), header -> header.keyID(null));
    assertThat(verify(token).id()).isEqualTo("oidc:somebody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "jwt", "at+jwt", "application/at+jwt"})
  void accessTokensAreAccepted(String type) {
    String token =
        TestIssuer.signed(
            ISSUER.key(TestIssuer.RSA), claims(), header -> header.type(new JOSEObjectType(type)));
    assertThat(verify(token).id()).isEqualTo("oidc:somebody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE"})
  void otherKindsOfTokensAreRefused(String type) {
    assertThat(
            refusal(
                TestIssuer.signed(
                    ISSUER.key(TestIssuer.RSA),
                    claims(),
                    header -> header.type(new JOSEObjectType(type)))))
        .contains("signature or its form");
  }

  @Test
  void otherIssuerIsRefused() {
    assertThat(refusal(token("iss", ISSUER.issuer() + "/"))).contains("iss");
    assertThat(refusal(token("iss", "https://evil.example"))).contains("iss");
    assertThat(refusal(token("iss", null))).contains("iss");
  }

  @Test
  void otherAudienceIsRefused() {
    assertThat(refusal(token("aud", "account"))).contains("aud");
    assertThat(refusal(token("aud", List.of("account", "Nebula")))).contains("aud");
    assertThat(refusal(token("aud", null))).contains("aud");
    assertThat(verify(token("aud", List.of("account", "nebula"))).id()).isNotEmpty();
  }

  @Test
  void tokenIsValidUntilItsExpiryExactly() {
    String token = ISSUER.token(LATER, Map.of());
    now = LATER.minusMillis(1);
    assertThat(verify(token).hasExpired(now)).isFalse();
    now = LATER;
    assertThat(refusal(token)).contains("expired");
    now = LATER.plus(JwtVerifier.SKEW).plusSeconds(1);
    assertThat(refusal(token)).contains("expired");
  }

  @Test
  void tokenWithoutExpiryIsRefused() {
    assertThat(refusal(token("exp", null))).contains("\"exp\"", "missing");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void nonsensicalExpiryIsRefused(long expiry) {
    assertThat(refusal(token("exp", expiry))).isNotEmpty();
  }

  @Test
  void clockOfTheIssuerMayBeAhead() {
    assertThat(verify(token("nbf", Date.from(BEGIN.plus(JwtVerifier.SKEW)))).id()).isNotEmpty();
    assertThat(refusal(token("nbf", Date.from(BEGIN.plus(JwtVerifier.SKEW).plusSeconds(1)))))
        .contains("before");
  }

  @Test
  void unsignedTokensAreRefused() {
    assertThat(refusal(new PlainJWT(claims()).serialize())).contains("header is malformed");
    String signed = ISSUER.token(LATER, Map.of());
    String none = Base64URL.encode("{\"alg\":\"none\"}") + signed.substring(signed.indexOf('.'));
    assertThat(refusal(none)).contains("header is malformed");
    assertThat(refusal(signed.substring(0, signed.lastIndexOf('.') + 1))).contains("signature");
    assertThat(fetches).hasValue(1);
  }

  /** Who knows the public key must not be able to make tokens with it as a secret. */
  @Test
  void symmetricAlgorithmsAreRefused() throws JOSEException {
    RSAKey key = ISSUER.key(TestIssuer.RSA).toRSAKey();
    published = new JWKSet(List.of(key.toPublicJWK(), SECRET));
    for (byte[] secret :
        List.of(
            key.toPublicJWK().toJSONString().getBytes(UTF_8),
            key.toRSAPublicKey().getEncoded(),
            SECRET.toByteArray())) {
      for (String id : List.of(TestIssuer.RSA, "secret")) {
        JWSObject forged =
            new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(id).build(),
                new Payload(claims().toJSONObject()));
        forged.sign(new MACSigner(secret));
        assertThat(refusal(forged.serialize())).contains("algorithm");
      }
    }
    assertThat(fetches).hasValue(0);
  }

  @Test
  void keysInTheHeaderAreNotUsed() {
    RSAKey own = TestIssuer.rsa(TestIssuer.RSA);
    String forged =
        TestIssuer.signed(
            own,
            claims(),
            header -> header.jwk(own.toPublicJWK()).jwkURL(URI.create("http://127.0.0.1:1/keys")));
    assertThat(refusal(forged)).contains("signature");
  }

  @Test
  void keyOfAnotherIssuerIsRefused() {
    assertThat(refusal(ISSUER.forged(LATER, Map.of()))).contains("key");
    assertThat(refusal(TestIssuer.signed(TestIssuer.rsa(TestIssuer.RSA), claims())))
        .contains("signature");
  }

  @Test
  void keysForEncryptionAreNotUsed() {
    RSAKey key =
        new RSAKey.Builder(ISSUER.key(TestIssuer.RSA).toRSAKey()).keyUse(KeyUse.ENCRYPTION).build();
    published = new JWKSet(key.toPublicJWK());
    assertThat(refusal(ISSUER.token(LATER, Map.of()))).contains("key");
  }

  @Test
  void changedTokensAreRefused() {
    String[] parts = ISSUER.token(LATER, Map.of()).split("\\.", -1);
    String[] other = ISSUER.token(LATER, Map.of("scope", "admin")).split("\\.", -1);
    assertThat(refusal(parts[0] + "." + other[1] + "." + parts[2])).contains("signature");
    assertThat(refusal(parts[0] + "." + parts[1] + "." + other[2])).contains("signature");
  }

  @Test
  void criticalExtensionsAreRefused() {
    assertThat(
            refusal(
                TestIssuer.signed(
                    ISSUER.key(TestIssuer.RSA),
                    claims(),
                    header -> header.criticalParams(Set.of("exp")).customParam("exp", 1))))
        .contains("signature or its form");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e30.e30.",
        "e30.e30.e30",
        "AAAA.AAAA.AAAA",
        "eyJhbGciOiJSUzI1NiJ9..",
        "eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
        "eyJhbGciOiJSUzI1NiJ9.AAAA.AAAA",
        "eyJhbGciOlsxXX0.e30.AAAA"
      })
  void garbageIsRefused(String token) {
    assertThat(refusal(token)).isNotEmpty();
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(4_000) + "]".repeat(4_000);
    String header = "{\"alg\":\"RS256\",\"a\":" + deep + "}";
    assertThat(refusal(Base64URL.encode(header) + ".e30.AAAA")).isNotEmpty();
  }
}
