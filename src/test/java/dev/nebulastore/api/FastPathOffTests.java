package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.Admission;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A server whose access log must contain every request. */
@ServerTest
@TestPropertySource(
    properties = {
      "server.tomcat.accesslog.enabled=true",
      "server.tomcat.accesslog.directory=/dev",
      "server.tomcat.accesslog.prefix=null",
      "server.tomcat.accesslog.suffix=",
      "server.tomcat.accesslog.file-date-format=",
      "server.tomcat.accesslog.rotate=false"
    })
class FastPathOffTests {

  private final int port;
  private final Admission admission;

  FastPathOffTests(@LocalServerPort int port, Admission admission) {
    this.port = port;
    this.admission = admission;
  }

  @Test
  void accessLogSeesEveryRequest() {
    try (RawHttp http = new RawHttp(port)) {
      assertThat(http.ask("GET", "/kv/off").status()).isEqualTo(404);
      assertThat(admission.fast()).isZero();
    }
  }
}
