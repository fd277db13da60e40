package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line that creates tokens. */
class TokenCommandTests {

  private static final Instant NOW = Instant.parse("2027-01-31T10:20:30.456Z");
  private static final int SEED = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Random random = new Random(SEED);

  private int run(String... args) {
    out.reset();
    err.reset();
    return new TokenCommand(print(out), print(err), random, InstantSource.fixed(NOW))
        .run(List.of(args));
  }

  private static PrintStream print(OutputStream stream) {
    return new PrintStream(stream, true, UTF_8);
  }

  private List<String> printed() {
    return out.toString(UTF_8).lines().toList();
  }

  /** The token of the line that was printed, which is the only one. */
  private Token created() throws UnusableTokenFile {
    assertThat(printed()).hasSize(2);
    return TokenFile.parse(printed().get(1).getBytes(UTF_8)).getFirst();
  }

  @Test
  void printedTokenIsFoundByThePrintedLine() throws UnusableTokenFile {
    assertThat(
            run(
                "new",
                "--role=write,read",
                "--prefix=app/",
                "--prefix=my app%2F%25/",
                "--id=ci-7",
                "--expires=90d"))
        .isZero();
    Token token = created();
    Caller caller = new TokenSet(List.of(token)).find(printed().getFirst(), NOW);
    assertThat(caller).isNotNull().extracting(Caller::id).isEqualTo("ci-7");
    assertThat(token.roles()).containsExactlyInAnyOrder(Role.READ, Role.WRITE);
    assertThat(token.prefixes()).containsExactly("app/", "my app/%/");
    assertThat(token.expires()).isEqualTo("2027-05-01T10:20:30Z");
    assertThat(printed().get(1))
        .endsWith(
            " roles=read,write prefix=app/ prefix=my%20app/%25/ expires=2027-05-01T10:20:30Z");
  }

  @Test
  void explanationsGoToTheStandardErrorWithoutSecrets() {
    assertThat(run("new", "--role=read", "--id=ci")).isZero();
    assertThat(err.toString(UTF_8))
        .contains("only once", "nebula.security.tokens-file")
        .doesNotContain(SampleTokens.secret(printed().getFirst()))
        .doesNotContain(printed().get(1));
  }

  @Test
  void secretIsAllRandom() {
    byte[] expected = new byte[32];
    new Random(SEED).nextBytes(expected);
    run("new", "--role=read", "--id=ci");
    String first = printed().getFirst();
    assertThat(first).matches("nst_ci_[A-Za-z0-9_-]{43}");
    assertThat(Base64.getUrlDecoder().decode(first.substring("nst_ci_".length())))
        .isEqualTo(expected);
    run("new", "--role=read", "--id=ci");
    assertThat(printed().getFirst()).isNotEqualTo(first);
  }

  @Test
  void idIsRandomByDefault() throws UnusableTokenFile {
    run("new", "--role=read");
    String first = created().id();
    assertThat(first).matches("[a-z0-9]{8}");
    assertThat(printed().getFirst()).startsWith("nst_" + first + "_");
    run("new", "--role=read");
    assertThat(created().id()).matches("[a-z0-9]{8}").isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--role=read,admin",
        "--role=admin --role=read",
        "--role=read --role=read,admin",
      })
  void rolesMayBeRepeatedOrHaveCommas(String options) throws UnusableTokenFile {
    assertThat(run(("new " + options).split(" ", -1))).isZero();
    assertThat(created().roles()).isEqualTo(Set.of(Role.READ, Role.ADMIN));
    assertThat(created().prefixes()).isEmpty();
    assertThat(created().expires()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "1d, 2027-02-01T10:20:30Z",
    "12h, 2027-01-31T22:20:30Z",
    "30m, 2027-01-31T10:50:30Z",
    "99999d, 2300-11-15T10:20:30Z",
    "2027-02-01T00:00:00+01:00, 2027-01-31T23:00:00Z",
  })
  void expiryIsADurationOrAnInstant(String given, Instant expires) throws UnusableTokenFile {
    assertThat(run("new", "--role=read", "--expires=" + given)).isZero();
    assertThat(created().expires()).isEqualTo(expires);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "new                           | Give a role: --role=<role>; the roles are read, write,"
            + " met",
        "new --prefix=a                | Give a role: --role=<role>",
        "new --role=                   | There is no role \"\"; the roles are read, write,"
            + " metrics,",
        "new --role=reed               | There is no role \"reed\"; the roles are read",
        "new --role=READ               | There is no role \"READ\"; the roles are read",
        "new --role read               | Unknown option \"--role\"; the options are --role=,",
        "new --roles=read              | Unknown option \"--roles=read\"; the options are --role=,",
        "new --role=read extra         | Unknown option \"extra\"; the options are --role=,",
        "new --role=read --id=Ci       | The id must be 1 to 32 characters, a to z",
        "new --role=read --id=         | The id must be 1 to 32 characters",
        "new --role=read --id=a --id=a | The option --id is given twice.",
        "new --role=read --subject=    | The subject must be that of a certificate by RFC 2253,",
        "new --role=read --subject=ci  | The subject must be that of a certificate",
        "new --role=read --subject=CN=\uFFFD | The subject has characters that this locale does",
        "new --role=read --subject=CN=a --subject=CN=a | The option --subject is given twice.",
        "new --role=read --prefix=     | The prefix must be the beginning of a key",
        "new --role=read --prefix=a%   | The prefix must be the beginning of a key",
        "new --role=read --prefix=\uFFFD | The prefix has characters that this locale does not h",
        "new --role=read --expires=90  | The expiry must be a duration such as 90d, 12h or 30m",
        "new --role=read --expires=0d  | The expiry must be a duration such as 90d",
        "new --role=read --expires=soon| The expiry must be a duration such as 90d",
        "new --role=read --expires=2027-01-31T10:20:30Z | The expiry \"2027-01-31T10:20:30Z\" is"
            + " over",
        "new --role=read --expires=2027-01-31T10:20:30.456Z | The expiry"
            + " \"2027-01-31T10:20:30.456Z\"",
        "new --role=read --expires=1d --expires=1d | The option --expires is given twice.",
        "old --role=read               | Unknown command \"token old\"; there is: token new.",
        "--role=read                   | Unknown command \"token --role=read\"; there is: token"
            + " new",
      })
  void wrongArgumentsAreExplained(String args, String told) {
    assertThat(run(args.split(" ", -1))).isEqualTo(2);
    assertThat(printed()).isEmpty();
    List<String> lines = err.toString(UTF_8).lines().toList();
    assertThat(lines.getFirst()).startsWith(told);
    assertThat(lines).element(2).asString().startsWith("Usage: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CN=ci,O=Acme Inc", "CN=ci,O=Acme%20Inc", "cn=ci, O=Acme Inc"})
  void certificateGetsOnlyALine(String subject) throws UnusableTokenFile {
    assertThat(run("new", "--subject=" + subject, "--role=read", "--prefix=a/", "--id=ci"))
        .isZero();
    assertThat(printed()).containsExactly("ci subject=CN=ci,O=Acme%20Inc roles=read prefix=a/");
    assertThat(TokenFile.parse(printed().getFirst().getBytes(UTF_8))).hasSize(1);
    assertThat(err.toString(UTF_8))
        .contains("nebula.security.tokens-file")
        .doesNotContain("only once");
  }

  @Test
  void prefixesAreLimitedAsInTheFile() {
    String[] args = ("new --role=read" + " --prefix=a".repeat(65)).split(" ", -1);
    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString(UTF_8)).startsWith("A token has at most 64 prefixes.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--help", "new --help", "new --role=read --help"})
  void usageIsPrintedOnRequest(String args) {
    assertThat(run(args.isEmpty() ? new String[0] : args.split(" ", -1))).isZero();
    assertThat(printed().getFirst()).startsWith("Usage: ");
    assertThat(out.toString(UTF_8)).contains("--role=", "--prefix=", "--id=", "--expires=");
    assertThat(err.size()).isZero();
  }

  @Test
  void unwritableOutputIsAFailure() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("closed");
          }
        };
    assertThat(
            new TokenCommand(print(closed), print(err), random, InstantSource.fixed(NOW))
                .run(List.of("new", "--role=read")))
        .isEqualTo(1);
  }
}
