package dev.nebulastore.security;

import static dev.nebulastore.security.SampleTokens.hash;
import static dev.nebulastore.security.SampleTokens.line;
import static dev.nebulastore.security.SampleTokens.secret;
import static dev.nebulastore.security.SampleTokens.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the content of a tokens file means. */
class TokenFileTests {

  private static final String CI = text("ci", 1);
  private static final String WEB = text("web-2", 2);

  private static List<Token> parse(String content) throws UnusableTokenFile {
    return TokenFile.parse(content.getBytes(UTF_8));
  }

  private static String refusal(String content) {
    String message =
        catchThrowableOfType(UnusableTokenFile.class, () -> parse(content)).getMessage();
    assertThat(message).isNotNull().doesNotContain("\n", "\r");
    return String.valueOf(message);
  }

  @Test
  void readsEveryMember() throws UnusableTokenFile {
    assertThat(
            parse(
                line(
                        CI,
                        "roles=read,write prefix=app/ prefix=my%20app/"
                            + " expires=2027-01-31T00:00:00Z")
                    + line(WEB, "expires=2027-01-31T02:00:00+02:00 roles=metrics")))
        .containsExactly(
            new Token(
                "ci",
                hash(CI),
                Set.of(Role.READ, Role.WRITE),
                List.of("app/", "my app/"),
                Instant.parse("2027-01-31T00:00:00Z")),
            new Token(
                "web-2",
                hash(WEB),
                Set.of(Role.METRICS),
                List.of(),
                Instant.parse("2027-01-31T00:00:00Z")));
  }

  @Test
  void skipsCommentsAndBlanks() throws UnusableTokenFile {
    String content =
        "# tokens\n\n  \t\n \t# more\n"
            + "\t ci  "
            + hash(CI)
            + "\troles=read  # prefix=app/ \n"
            + line(WEB, "roles=read #x").strip();
    assertThat(parse(content))
        .extracting(Token::id, Token::prefixes)
        .containsExactly(tuple("ci", List.of()), tuple("web-2", List.of()));
  }

  @Test
  void acceptsWhatWindowsWrites() throws UnusableTokenFile {
    String content = "\uFEFF" + line(CI, "roles=read") + line(WEB, "roles=admin");
    assertThat(parse(content.replace("\n", "\r\n"))).hasSize(2);
    assertThat(parse("ci " + hash(CI).toUpperCase(Locale.ROOT) + " roles=read"))
        .extracting(Token::credential)
        .containsExactly(new Token.Credential.Secret(hash(CI)));
  }

  @Test
  void fileWithoutTokensIsEmpty() throws UnusableTokenFile {
    assertThat(parse("")).isEmpty();
    assertThat(parse("# none\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ci                                   | the second word must be the SHA-256",
        "ci HASHa roles=read                  | the second word must be the SHA-256",
        "ci gHASH roles=read                  | the second word must be the SHA-256",
        "ci roles=read HASH                   | the second word must be the SHA-256",
        "Ci HASH roles=read                   | the first word must be an id of 1 to 32",
        "c_i HASH roles=read                  | the first word must be an id of 1 to 32",
        "abcdefghijklmnopqrstuvwxyz0123456 HASH roles=read | the first word must be an id of 1",
        "HASH ci roles=read                   | the first word must be an id of 1 to 32",
        "ci HASH                              | roles= is missing; the roles are read, write,"
            + " metri",
        "ci HASH prefix=a                     | roles= is missing",
        "ci HASH roles=                       | there is no role of this name; the roles are read,",
        "ci HASH roles=wirte                  | there is no role \"wirte\"; the roles are read,"
            + " wri",
        "ci HASH roles=read,                  | there is no role of this name",
        "ci HASH roles=Read                   | there is no role \"Read\"",
        "ci HASH roles=read,read              | the role read is given twice",
        "ci HASH roles=read roles=write       | roles= is given twice",
        "ci HASH roles=read role=write        | there is no member \"role\"; the members are"
            + " roles=",
        "ci HASH roles=read write             | there is no member of this name",
        "ci HASH roles=read expires=2027-01-31| expires= must be an instant such as 2027-01-31T00:",
        "ci HASH roles=read expires=          | expires= must be an instant",
        "ci HASH roles=read expires=2027-01-31T00:00:00Z expires=2027-01-31T00:00:00Z | expires= is"
            + " given twice",
        "ci HASH roles=read prefix=           | the prefix must be the beginning of a key,"
            + " percent-",
        "ci HASH roles=read prefix=%          | the prefix must be the beginning of a key",
        "ci HASH roles=read prefix=a%4        | the prefix must be the beginning of a key",
        "ci HASH roles=read prefix=a%4g       | the prefix must be the beginning of a key",
        "ci HASH roles=read prefix=%c3        | the prefix must be the beginning of a key",
        "ci HASH roles=read prefix=a%00       | the prefix must be the beginning of a key",
        "ci HASH roles=read prefix=a/../b     | the prefix must be the beginning of a key",
      })
  void namesTheLineAndWhatIsWrong(String line, String told) {
    String content = "# first\n" + line(WEB, "roles=read") + line.replace("HASH", hash(CI));
    assertThat(refusal(content))
        .startsWith("has an error in line 3: " + told)
        .doesNotContain(hash(CI))
        .doesNotContain(hash(WEB));
  }

  /** Somebody may put the token where its hash belongs, or mix up the order. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SECRET HASH roles=read",
        "HASH SECRET roles=read",
        "ci SECRET roles=read",
        "ci HASH SECRET roles=read",
        "ci HASH SECRET=x roles=read",
        "ci HASH HASH=x roles=read",
        "ci HASH roles=SECRET",
        "ci HASH roles=HASH",
        "ci HASH roles=read expires=SECRET",
        "ci HASH roles=read prefix=SECRET%",
      })
  void neverRepeatsATokenOrAHash(String line) {
    assertThat(refusal(line.replace("SECRET", CI).replace("HASH", hash(CI))))
        .startsWith("has an error in line 1: ")
        .doesNotContain(secret(CI), hash(CI));
  }

  @Test
  void eachLineMustHaveAnotherToken() {
    String other = "web " + hash(CI).toUpperCase(Locale.ROOT) + " roles=write";
    assertThat(refusal(line(CI, "roles=read") + "\n" + other))
        .startsWith("has an error in line 3: its hash is that of line 1;")
        .doesNotContainIgnoringCase(hash(CI));
  }

  @Test
  void twoTokensMayHaveTheSameIdButNotThree() throws UnusableTokenFile {
    String two = line(text("ci", 1), "roles=read") + line(text("ci", 2), "roles=read");
    assertThat(parse(two + line(WEB, "roles=read"))).hasSize(3);
    assertThat(refusal(two + line(WEB, "roles=read") + line(text("ci", 3), "roles=read")))
        .startsWith("has an error in line 4: it is a third token of \"ci\"; an id has at most two");
  }

  @Test
  void linesAndBytesAndPrefixesAreLimited() throws UnusableTokenFile {
    assertThat(parse("\n".repeat(TokenFile.MAX_LINES))).isEmpty();
    assertThat(refusal("\n".repeat(TokenFile.MAX_LINES) + "#"))
        .isEqualTo("has more than 10000 lines");
    assertThat(parse("#".repeat(TokenFile.MAX_BYTES))).isEmpty();
    assertThat(refusal("#".repeat(TokenFile.MAX_BYTES + 1)))
        .isEqualTo("has more than 1048576 bytes");
    String most = "roles=read" + " prefix=a".repeat(TokenLine.MAX_PREFIXES);
    assertThat(parse(line(CI, most)).getFirst().prefixes()).hasSize(TokenLine.MAX_PREFIXES);
    assertThat(refusal(line(CI, most + " prefix=b"))).contains("line 1: there are more than 64");
  }

  @Test
  void otherEncodingsAreRefusedWithTheLine() {
    assertThatThrownBy(() -> TokenFile.parse("# a\n# b\n# \u00e9".getBytes(ISO_8859_1)))
        .isInstanceOf(UnusableTokenFile.class)
        .hasMessage("has an error in line 3: it is not UTF-8; save the file with this encoding");
  }
}
