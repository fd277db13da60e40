package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that are recognized by the subject of their certificate. */
class CertificateSubjectTests {

  private static final Instant NOW = Instant.parse("2027-01-31T00:00:00Z");

  private static X500Principal subject(String spelling) {
    return CertificateSubject.parse(spelling).orElseThrow();
  }

  private static List<Token> parse(String content) throws UnusableTokenFile {
    return TokenFile.parse(content.getBytes(UTF_8));
  }

  private static String refusal(String content) {
    return String.valueOf(
        catchThrowableOfType(UnusableTokenFile.class, () -> parse(content)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=ci,O=Acme",
        "cn=CI,o=acme",
        "CN=ci,%20O=Acme",
        "CN=%20ci%20,O=Acme",
        "2.5.4.3=ci,O=Acme",
        "CN=#13026369,O=Acme"
      })
  void spellingsOfOneSubjectAreEqual(String spelling) {
    assertThat(subject(spelling)).isEqualTo(new X500Principal("CN=ci, O=Acme"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "O=Acme,CN=ci",
        "CN=ci",
        "CN=ci,O=Acme,C=DE",
        "CN=ci+O=Acme",
        "CN=ci\\,O\\=Acme",
        "CN=c%20i,O=Acme",
        "OU=ci,O=Acme"
      })
  void otherSubjectsAreNotEqual(String spelling) {
    assertThat(subject(spelling)).isNotEqualTo(new X500Principal("CN=ci, O=Acme"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "%20", "ci", "CN", "=ci", "XY=ci", "CN=ci,", "CN=ci,O", "CN=%", "CN=%C3"})
  void otherTextsAreNoSubjects(String spelling) {
    assertThat(CertificateSubject.parse(spelling)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=ci,O=Acme",
        "CN=c%20i+OU=a,O=\\#1%25\\,x",
        "CN=%C3%A9%E2%82%AC%F0%9F%98%80",
        "EMAILADDRESS=ci@acme.example,DC=acme,DC=example",
        "SERIALNUMBER=4711,UID=ci"
      })
  void formattedSubjectIsOneWordAndReadAgain(String spelling) {
    String formatted = CertificateSubject.format(subject(spelling));
    assertThat(formatted).doesNotContainAnyWhitespaces().isASCII();
    assertThat(subject(formatted)).isEqualTo(subject(spelling));
  }

  @Test
  void lineNamesASubjectInsteadOfAHash() throws UnusableTokenFile {
    Token token =
        parse("ci subject=CN=ci,O=Acme%20Inc roles=read prefix=app/ expires=2027-02-01T00:00:00Z")
            .getFirst();
    assertThat(token.credential())
        .isEqualTo(new Token.Credential.Certificate(new X500Principal("CN=ci,O=Acme Inc")));
    assertThat(token.prefixes()).containsExactly("app/");
    assertThat(TokenLine.format(token))
        .isEqualTo(
            "ci subject=CN=ci,O=Acme%20Inc roles=read prefix=app/ expires=2027-02-01T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ci subject= roles=read                     | the subject must be that of a certificate",
        "ci subject=ci roles=read                   | the subject must be that of a certificate",
        "ci subject=CN=ci, O=Acme roles=read        | the subject must be that of a certificate",
        "ci SUBJECT=CN=ci roles=read                | the second word must be the SHA-256",
        "ci roles=read subject=CN=ci                | the second word must be the SHA-256",
        "ci subject=CN=ci roles=read subject=CN=web | subject= must be the second word",
        "ci subject=CN=ci                           | roles= is missing",
        "ci subject=CN=ci HASH roles=read           | there is no member of this name",
        "ci HASH subject=CN=ci roles=read           | subject= must be the second word",
        "ci subject=cn=WEB roles=read               | its subject is that of line 2; each line",
      })
  void namesTheLineAndWhatIsWrong(String line, String told) {
    String content = "# first\nweb subject=CN=web roles=read\n" + line;
    assertThat(refusal(content.replace("HASH", SampleTokens.hash("x"))))
        .startsWith("has an error in line 3: " + told);
  }

  @Test
  void idMayHaveATokenAndACertificate() throws UnusableTokenFile {
    String text = SampleTokens.text("ci", 1);
    String both = SampleTokens.line(text, "roles=read") + "ci subject=CN=ci roles=write\n";
    TokenSet tokens = new TokenSet(parse(both));
    assertThat(tokens.callers()).isEqualTo(1);
    assertThat(tokens.find(text, NOW)).isNotNull();
    assertThat(tokens.find(new X500Principal("CN=ci"), NOW)).isNotNull();
    assertThat(refusal(both + "ci subject=CN=ci2 roles=read"))
        .startsWith("has an error in line 3: it is a third token of \"ci\"");
  }

  @Test
  void subjectIsFoundUntilItsLineExpires() throws UnusableTokenFile {
    TokenSet tokens =
        new TokenSet(parse("ci subject=CN=ci,O=Acme roles=read expires=2027-01-31T00:00:00Z"));
    X500Principal subject = subject("cn=Ci,O=acme");
    Caller caller = Objects.requireNonNull(tokens.find(subject, NOW.minusNanos(1)));
    assertThat(caller.id()).isEqualTo("ci");
    assertThat(tokens.isCurrent(caller, NOW.minusNanos(1))).isTrue();
    assertThat(tokens.find(subject, NOW)).isNull();
    assertThat(tokens.isCurrent(caller, NOW)).isFalse();
    assertThat(tokens.find(subject("CN=ci"), NOW.minusNanos(1))).isNull();
    assertThat(new TokenSet(List.of()).isCurrent(caller, NOW.minusNanos(1))).isFalse();
  }

  /** Whoever knows no secret must not be taken for an id that has only a certificate. */
  @Test
  void idWithACertificateHasNoToken() throws UnusableTokenFile {
    TokenSet tokens = new TokenSet(parse("ci subject=CN=ci roles=read"));
    for (String text : List.of(SampleTokens.text("ci", 1), "nst_ci_", "nst_ci_CN=ci", "CN=ci")) {
      assertThat(tokens.find(text, NOW)).as(text).isNull();
    }
  }

  @Test
  void lineOfASubjectIsCurrentInAnySpelling() throws UnusableTokenFile {
    TokenSet tokens = new TokenSet(parse("ci subject=CN=ci roles=read"));
    Caller caller = Objects.requireNonNull(tokens.find(subject("CN=ci"), NOW));
    assertThat(new TokenSet(parse("ci subject=cn=CI roles=read")).isCurrent(caller, NOW)).isTrue();
    assertThat(new TokenSet(parse("ci subject=CN=ci roles=write")).isCurrent(caller, NOW))
        .isFalse();
    assertThat(
            new TokenSet(
                    List.of(
                        new Token(
                            "ci", SampleTokens.hash("x"), Set.of(Role.READ), List.of(), null)))
                .isCurrent(caller, NOW))
        .isFalse();
  }
}
