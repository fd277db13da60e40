package dev.nebulastore.security;

import static dev.nebulastore.security.SampleTokens.hash;
import static dev.nebulastore.security.SampleTokens.text;
import static dev.nebulastore.security.SampleTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose token a text is. */
class TokenSetTests {

  private static final Instant NOW = Instant.parse("2027-01-31T00:00:00Z");
  private static final String CI = text("ci", 1);
  private static final String WEB = text("web", 2);

  private static Caller owner(TokenSet tokens, String text) {
    return Objects.requireNonNull(tokens.find(text, NOW), "no owner");
  }

  @Test
  void findsTheOwnerOfEachToken() {
    TokenSet tokens = new TokenSet(List.of(token(CI), token(WEB)));
    assertThat(owner(tokens, CI).id()).isEqualTo("ci");
    assertThat(owner(tokens, WEB).id()).isEqualTo("web");
    assertThat(tokens.callers()).isEqualTo(2);
  }

  @Test
  void similarTextsHaveNoOwner() {
    TokenSet tokens = new TokenSet(List.of(token(CI), token(WEB)));
    for (String text :
        List.of(
            text("ci", 2),
            text("nobody", 1),
            CI + "A",
            CI.substring(0, CI.length() - 1),
            " " + CI,
            CI.replace("nst_ci_", "nst_web_"),
            CI.substring("nst_".length()),
            CI.toUpperCase(Locale.ROOT),
            hash(CI),
            "nst_ci_" + hash(CI))) {
      assertThat(tokens.find(text, NOW)).as("the owner of a text like %s", text).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_", "__", "nst", "nst_", "nst__", "nst_ci", "nst_ci_", "ci", "é€\0"})
  void anyTextMayBeSent(String text) {
    assertThat(new TokenSet(List.of(token(CI))).find(text, NOW)).isNull();
    assertThat(new TokenSet(List.of()).find(text, NOW)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"nst_ci_x, ci", "nst_a-1_x_y, a-1", "nst__x, ''", "nst_ci, ''", "xyz_ci_x, ''"})
  void textNamesItsId(String text, String id) {
    assertThat(TokenText.idOf(text)).isEqualTo(id);
  }

  /** Whoever knows no token must not become the one with whom unknown ids are compared. */
  @Test
  void idsMayHaveAnyName() {
    String text = text("nobody", 3);
    assertThat(owner(new TokenSet(List.of(token(text))), text).id()).isEqualTo("nobody");
    assertThat(new TokenSet(List.of(token(CI))).find(text, NOW)).isNull();
  }

  @Test
  void expiredTokensHaveNoOwner() {
    TokenSet tokens = new TokenSet(List.of(token(CI, Set.of(Role.READ), List.of(), NOW)));
    assertThat(tokens.find(CI, NOW.minusNanos(1))).isNotNull();
    assertThat(tokens.find(CI, NOW)).isNull();
    assertThat(tokens.find(CI, NOW.plusSeconds(1))).isNull();
  }

  @Test
  void twoTokensOfAnIdAreBothValid() {
    String next = text("ci", 7);
    for (List<String> order : List.of(List.of(CI, next), List.of(next, CI))) {
      TokenSet tokens =
          new TokenSet(
              order.stream()
                  .map(text ->
                      text.equals(CI)
                          ? token(text, Set.of(Role.READ), List.of(), null)
                          : token(text, Set.of(Role.WRITE), List.of(), null))
                  .toList());
      owner(tokens, CI).require(Role.READ);
      owner(tokens, next).require(Role.WRITE);
      assertThatThrownBy(() -> owner(tokens, CI).require(Role.WRITE))
          .isInstanceOf(AccessDenied.class);
      assertThat(tokens.callers()).isEqualTo(1);
    }
  }

  @Test
  void expiryOfOneTokenLeavesTheOtherOfItsId() {
    String next = text("ci", 7);
    TokenSet tokens =
        new TokenSet(List.of(token(next), token(CI, Set.of(Role.READ), List.of(), NOW)));
    assertThat(tokens.find(CI, NOW)).isNull();
    assertThat(tokens.find(next, NOW)).isNotNull();
  }

  @Test
  void callerIsCurrentWhileItsTokenIsUnchanged() {
    Token token = token(CI, Set.of(Role.READ), List.of("a"), NOW);
    Caller caller = owner(new TokenSet(List.of(token(CI))), CI);
    assertThat(new TokenSet(List.of(token(WEB), token(CI))).isCurrent(caller, NOW)).isTrue();
    assertThat(new TokenSet(List.of()).isCurrent(caller, NOW)).as("revoked").isFalse();
    assertThat(new TokenSet(List.of(token(text("ci", 7)))).isCurrent(caller, NOW))
        .as("replaced")
        .isFalse();
    assertThat(new TokenSet(List.of(token)).isCurrent(caller, NOW)).as("restricted").isFalse();
  }

  @Test
  void callerIsCurrentUntilItsTokenExpires() {
    TokenSet tokens = new TokenSet(List.of(token(CI, Set.of(Role.READ), List.of(), NOW)));
    Caller caller = Objects.requireNonNull(tokens.find(CI, NOW.minusNanos(1)));
    assertThat(tokens.isCurrent(caller, NOW.minusNanos(1))).isTrue();
    assertThat(tokens.isCurrent(caller, NOW)).isFalse();
    assertThat(new TokenSet(List.of()).isCurrent(Caller.ANYONE, NOW)).isTrue();
  }

  @Test
  void nothingShowsAHash() {
    Token token = token(CI);
    TokenSet tokens = new TokenSet(List.of(token));
    assertThat(token).hasToString("Token ci");
    assertThat(owner(tokens, CI)).hasToString("ci");
    assertThat(tokens.tokens().toString()).doesNotContain(hash(CI));
    assertThatThrownBy(() -> new Token(CI, hash(CI), Set.of(), List.of(), null))
        .hasMessageNotContainingAny(CI, hash(CI));
    assertThatThrownBy(() -> new Token("ci", CI, Set.of(), List.of(), null))
        .hasMessageNotContainingAny(CI, hash(CI));
  }
}
