package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.TestAuthority.Issued;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import dev.nebulastore.watch.WatchHub;
import java.io.UncheckedIOException;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A server that recognizes callers by their certificates, and by tokens. */
@ServerTest
@TestPropertySource(
    properties = {
      "server.ssl.bundle=server",
      "server.ssl.client-auth=want",
      "nebula.watch.heartbeat=1s"
    })
class ClientCertificatesTests {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final TestAuthority AUTHORITY = TestAuthority.make();
  private static final Issued CI = AUTHORITY.issue("CN=ci,O=Acme Inc");
  private static final Issued LEAVER = AUTHORITY.issue("CN=leaver,O=Acme Inc");
  private static final Issued OLD = AUTHORITY.issue("CN=old,O=Acme Inc");

  private static final TestTokens TOKENS =
      TestTokens.make()
          .with("reader", "roles=read")
          .withLine("ci subject=cn=CI,%20o=acme%20%20inc roles=read,write prefix=app/")
          .withLine("leaver subject=CN=leaver,O=Acme%20Inc roles=read,write")
          .withLine("old subject=CN=old,O=Acme%20Inc roles=read expires=2020-01-01T00:00:00Z");

  private final int port;
  private final Admission admission;
  private final WatchHub hub;

  ClientCertificatesTests(@LocalServerPort int port, Admission admission, WatchHub hub) {
    this.port = port;
    this.admission = admission;
    this.hub = hub;
  }

  @DynamicPropertySource
  static void encrypted(DynamicPropertyRegistry registry) {
    AUTHORITY.certifyServer(registry);
    AUTHORITY.trustClients(registry);
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  @BeforeEach
  void nothingIsServed() {
    await().atMost(SOON).until(() -> admission.requests() == 0 && hub.subscribers() == 0);
  }

  private RawHttp connect(@Nullable Issued client) {
    return new RawHttp(port, AUTHORITY.socket(client));
  }

  private Response ask(@Nullable Issued client, String method, String target, String... headers) {
    try (RawHttp http = connect(client)) {
      return http.ask(method, target, headers);
    }
  }

  private Response put(@Nullable Issued client, String key, String... headers) {
    try (RawHttp http = connect(client)) {
      return http.ask("PUT", "/kv/" + key, RawHttp.bytes("v"), headers);
    }
  }

  /** The line spells the subject in another way, which is the same name by X.500. */
  @Test
  void subjectHasTheRightsOfItsLine() {
    assertThat(put(CI, "app/a").status()).isIn(201, 204);
    assertThat(ask(CI, "GET", "/kv/app/a").text()).isEqualTo("v");
    assertThat(ask(CI, "GET", "/keys?prefix=app/").status()).isEqualTo(200);
    ProblemJson outside = ProblemJson.of(put(CI, "other"), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(outside.member("detail")).contains("certificate").doesNotContain("token");
    ProblemJson.of(ask(CI, "GET", "/keys"), 403, Problem.INSUFFICIENT_SCOPE);
    ProblemJson.of(ask(CI, "GET", "/watch?prefix="), 403, Problem.INSUFFICIENT_SCOPE);
    ProblemJson role =
        ProblemJson.of(ask(CI, "GET", "/actuator/prometheus"), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(role.member("detail")).contains("certificate").doesNotContain("token");
  }

  @Test
  void clientWithoutCertificateNeedsAToken() {
    ProblemJson.of(ask(null, "GET", "/kv/app/a"), 401, Problem.TOKEN_REQUIRED);
    assertThat(ask(null, "GET", "/keys", TestTokens.header("reader")).status()).isEqualTo(200);
    assertThat(ask(null, "GET", "/actuator/health/liveness").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"O=Acme Inc,CN=ci", "CN=ci,OU=x,O=Acme Inc", "CN=ci\\,O\\=Acme Inc"})
  void otherSubjectsNeedAToken(String subject) {
    Issued other = AUTHORITY.issue(subject);
    ProblemJson refusal =
        ProblemJson.of(ask(other, "GET", "/kv/app/a"), 401, Problem.TOKEN_REQUIRED);
    assertThat(refusal.member("detail")).contains("certificate's subject=");
    assertThat(ask(other, "GET", "/keys", TestTokens.header("reader")).status()).isEqualTo(200);
  }

  @Test
  void expiredLineNeedsAToken() {
    ProblemJson.of(ask(OLD, "GET", "/kv/app/a"), 401, Problem.TOKEN_REQUIRED);
  }

  @Test
  void tokenDecidesIfThereAreBoth() {
    ProblemJson.of(put(CI, "app/a", TestTokens.header("reader")), 403, Problem.INSUFFICIENT_SCOPE);
    assertThat(ask(CI, "GET", "/keys", TestTokens.header("reader")).status()).isEqualTo(200);
    for (String wrong : new String[] {"Bearer nst_ci_x", "Basic YTph", ""}) {
      ProblemJson.of(
          ask(CI, "GET", "/kv/app/a", "Authorization: " + wrong), 401, Problem.INVALID_TOKEN);
    }
    String reader = TestTokens.header("reader");
    ProblemJson.of(ask(CI, "GET", "/kv/app/a", reader, reader), 401, Problem.INVALID_TOKEN);
  }

  /** Those by which proxies tell of a certificate that they have verified. */
  @Test
  void headersAreNoCertificates() throws CertificateEncodingException {
    String encoded = Base64.getEncoder().encodeToString(CI.certificate().getEncoded());
    for (String header :
        new String[] {
          "Client-Cert: :" + encoded + ":",
          "SSL_CLIENT_CERT: " + encoded,
          "ssl-client-cert: " + encoded,
          "X-SSL-Client-Cert: " + encoded,
          "X-Client-Cert: " + encoded,
          "X-SSL-Client-S-DN: CN=ci,O=Acme Inc",
          "X-Forwarded-Client-Cert: Subject=\"CN=ci,O=Acme Inc\"",
          "X-Forwarded-Tls-Client-Cert: " + encoded,
          "jakarta.servlet.request.X509Certificate: " + encoded
        }) {
      ProblemJson.of(ask(null, "GET", "/kv/app/a", header), 401, Problem.TOKEN_REQUIRED);
      ProblemJson.of(ask(OLD, "GET", "/kv/app/a", header), 401, Problem.TOKEN_REQUIRED);
    }
  }

  /** The same subject, signed by somebody else. */
  @Test
  void otherAuthoritiesAreNotTrusted() {
    Issued foreign = TestAuthority.make().issue("CN=ci,O=Acme Inc");
    assertThatThrownBy(() -> ask(foreign, "GET", "/kv/app/a"))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void streamsOfRemovedSubjectsEnd() {
    try (RawHttp watcher = connect(LEAVER);
        RawHttp poller = connect(LEAVER);
        RawHttp kept = connect(LEAVER)) {
      assertThat(kept.ask("GET", "/kv/leaver").status()).isEqualTo(404);
      watcher.send(RawHttp.bytes(RawHttp.head("GET", "/watch?prefix=") + "\r\n"));
      poller.send(RawHttp.bytes(RawHttp.head("GET", "/kv/leaver", "Prefer: wait=60") + "\r\n"));
      await().atMost(SOON).until(() -> hub.subscribers() == 2);
      TOKENS.without("leaver");
      // The chunks of the stream end.
      assertThat(watcher.answerTo("GET").text()).contains(": here");
      ProblemJson.of(poller.answerTo("GET"), 401, Problem.INVALID_TOKEN);
      ProblemJson.of(kept.ask("GET", "/kv/leaver"), 401, Problem.TOKEN_REQUIRED);
    }
  }
}
