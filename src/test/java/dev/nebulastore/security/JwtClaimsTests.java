package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.Jwt;

/** What the claims of a token allow. */
class JwtClaimsTests {

  private static final Instant BEGIN = Instant.parse("2033-01-31T00:00:00Z");

  private static OidcProperties properties(String scopePrefix) {
    return new OidcProperties(
        "https://issuer.example", "nebula", "scope", scopePrefix, "nebula_prefixes", null);
  }

  private static Caller caller(String scopePrefix, String claim, @Nullable Object value) {
    Jwt token =
        Jwt.withTokenValue("token")
            .header("alg", "RS256")
            .subject("somebody")
            .expiresAt(BEGIN)
            .claim("scope", "read")
            .claims(claims -> claims.put(claim, value))
            .build();
    return new JwtClaims(properties(scopePrefix)).callerOf(token);
  }

  private static List<Role> roles(Caller caller) {
    List<Role> roles = new ArrayList<>();
    for (Role role : Role.values()) {
      try {
        caller.require(role);
        roles.add(role);
      } catch (AccessDenied denied) {
        assertThat(denied.kind()).isEqualTo(AccessDenied.Kind.INSUFFICIENT_SCOPE);
      }
    }
    return roles;
  }

  private static void assertRefused(String claim, @Nullable Object value) {
    assertThatThrownBy(() -> caller("", claim, value))
        .isInstanceOfSatisfying(
            AccessDenied.class,
            denied -> assertThat(denied.kind()).isEqualTo(AccessDenied.Kind.INVALID_TOKEN))
        .hasMessageContaining("\"" + claim + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'openid  read', READ",
    "'', 'read write metrics admin', 'READ,WRITE,METRICS,ADMIN'",
    "'', 'READ readonly writes', ''",
    "'', '', ''",
    "'', ' ', ''",
    "nebula:, 'nebula:read write nebula:admin', 'READ,ADMIN'",
    "nebula:, 'nebula: nebula:nebula:read', ''",
  })
  void rolesAreWordsOfAText(String prefix, String scope, String expected) {
    List<Role> roles =
        Stream.of(expected.split(",")).filter(word -> !word.isEmpty()).map(Role::valueOf).toList();
    assertThat(roles(caller(prefix, "scope", scope))).isEqualTo(roles);
    assertThat(roles(caller(prefix, "scope", List.of(scope.split(" +"))))).isEqualTo(roles);
  }

  @Test
  void tokenWithoutRolesMayDoNothing() {
    assertThat(roles(caller("", "scope", null))).isEmpty();
    assertThat(roles(caller("", "scope", List.of()))).isEmpty();
  }

  static Stream<Object> noRoles() {
    return Stream.of(1, true, Map.of("roles", List.of("read")), List.of("read", 1));
  }

  @ParameterizedTest
  @MethodSource("noRoles")
  void malformedRolesAreRefused(Object claim) {
    assertRefused("scope", claim);
  }

  @Test
  void prefixesBoundKeys() {
    List<String> prefixes = List.of("app/", "\u00e9", "a/.", "my app/", "a%2F");
    Caller caller = caller("", "nebula_prefixes", prefixes);
    for (String key : List.of("app/x", "\u00e9t\u00e9", "a/.b", "my app/1", "a%2F")) {
      assertThatCode(() -> caller.require(Role.READ, Key.of(key))).doesNotThrowAnyException();
    }
    for (String key : List.of("app", "apq", "\u00e8", "a/b", "my%20app/1", "a/")) {
      assertThatThrownBy(() -> caller.require(Role.READ, Key.of(key)))
          .isInstanceOf(AccessDenied.class);
    }
  }

  @Test
  void tokenWithoutPrefixesMayUseAllKeys() {
    Caller caller = caller("", "scope", "read");
    assertThatCode(() -> caller.requirePrefix(Role.READ, "")).doesNotThrowAnyException();
  }

  static Stream<@Nullable Object> noPrefixes() {
    return Stream.of(
        null,
        "app/",
        "",
        List.of(),
        List.of(""),
        List.of("app/", ""),
        List.of("app/", 1),
        List.of(List.of("app/")),
        Arrays.asList("app/", null),
        Map.of("0", "app/"),
        false,
        List.of("a/../"),
        List.of("a\u0000"),
        List.of("\ud800"),
        List.of("x".repeat(1_025)),
        Collections.nCopies(65, "app/"));
  }

  /** Never all keys. */
  @ParameterizedTest
  @MethodSource
  void noPrefixes(@Nullable Object claim) {
    assertRefused("nebula_prefixes", claim);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "me@example.com", "auth0|5", "a b", "\u00e9\ud83d\ude00"})
  void subjectNamesTheCaller(String subject) {
    Caller caller = caller("", "sub", subject);
    assertThat(caller.id()).isEqualTo("oidc:" + subject);
    assertThat(Token.isId(caller.id())).isFalse();
    assertThat(caller).hasToString("oidc:" + subject);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "a\u0000", "a\u001b[31m", "a\u2028b", "\u202eabc", "\ud800"})
  void unprintableSubjectsAreRefused(String subject) {
    assertRefused("sub", subject);
  }

  @Test
  void longAndMissingSubjectsAreRefused() {
    assertRefused("sub", "x".repeat(256));
    assertRefused("sub", null);
    assertThat(caller("", "sub", "x".repeat(255)).id()).hasSize(260);
  }

  /** Whoever has stolen such a token could otherwise use it. */
  @Test
  void tokensThatAreBoundToAKeyAreRefused() {
    assertRefused("cnf", Map.of("jkt", "x"));
  }
}
