package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.api.TestAuthority.Issued;
import dev.nebulastore.api.error.Problem;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/**
 * A server that refuses clients without a certificate, with a management port of its own on the
 * loopback without TLS, as the health check of the image needs it.
 */
@ServerTest
@TestPropertySource(
    properties = {
      "server.address=0.0.0.0",
      "server.ssl.bundle=server",
      "server.ssl.client-auth=need",
      "management.server.port=0",
      "management.server.address=127.0.0.1",
      "management.server.ssl.enabled=false",
      "nebula.security.require-tls=true"
    })
class ClientCertificateNeededTests {

  private static final TestAuthority AUTHORITY = TestAuthority.make();
  private static final Issued CI = AUTHORITY.issue("CN=ci,O=Acme");

  private static final TestTokens TOKENS =
      TestTokens.make().withLine("ci subject=CN=ci,O=Acme roles=read,write,metrics,admin");

  private final int port;
  private final int management;

  ClientCertificateNeededTests(@LocalServerPort int port, @LocalManagementPort int management) {
    this.port = port;
    this.management = management;
  }

  @DynamicPropertySource
  static void encrypted(DynamicPropertyRegistry registry) {
    AUTHORITY.certifyServer(registry);
    AUTHORITY.trustClients(registry);
    registry.add("nebula.security.tokens-file", () -> TOKENS.file().toString());
  }

  private Response get(@Nullable Issued client) {
    try (RawHttp http = new RawHttp(port, AUTHORITY.socket(client))) {
      return http.ask("GET", "/keys?prefix=needed");
    }
  }

  @Test
  void onlyClientsWithACertificateAreServed() {
    assertThat(get(CI).status()).isEqualTo(200);
    assertThatThrownBy(() -> get(null)).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void healthCheckOfTheImageNeedsNeitherTlsNorCertificate() {
    try (RawHttp http = new RawHttp(management)) {
      String probe = "GET /actuator/health/liveness HTTP/1.0\r\n\r\n";
      assertThat(http.send(RawHttp.bytes(probe)).answerTo("GET").status()).isEqualTo(200);
    }
    try (RawHttp http = new RawHttp(management)) {
      ProblemJson.of(http.ask("GET", "/actuator/prometheus"), 401, Problem.TOKEN_REQUIRED);
    }
  }
}
