package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A protected server with TLS by a bundle of PEM files. */
@ServerTest
@TestPropertySource(
    properties = {
      "server.ssl.bundle=server",
      "server.ssl.server-name-bundles[0].server-name=other.example",
      "server.ssl.server-name-bundles[0].bundle=server",
      "spring.ssl.bundle.pem.server.reload-on-update=true",
      "spring.ssl.bundle.watch.file.quiet-period=100ms"
    })
class TlsTests {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final TestAuthority AUTHORITY = TestAuthority.make();
  private static final Path CERTIFICATE = AUTHORITY.file("server.crt");
  private static final Path KEY = AUTHORITY.file("server.key");

  private final int port;
  private final Admission admission;

  TlsTests(@LocalServerPort int port, Admission admission) {
    this.port = port;
    this.admission = admission;
  }

  @DynamicPropertySource
  static void encrypted(DynamicPropertyRegistry registry) {
    AUTHORITY.certifyServer(registry);
  }

  private RawHttp connect() {
    return new RawHttp(port, AUTHORITY.socket(null));
  }

  /** The number of the certificate that a new client sees. */
  private BigInteger serial() {
    SSLSocket socket = AUTHORITY.socket(null);
    try (RawHttp http = new RawHttp(port, socket)) {
      http.ask("GET", "/kv/tls-none");
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void requestsAreServedWithoutTheFastPath() {
    long before = admission.fast();
    try (RawHttp http = connect()) {
      assertThat(http.ask("PUT", "/kv/tls-a", RawHttp.bytes("v")).status()).isEqualTo(201);
      assertThat(http.ask("GET", "/kv/tls-a").text()).isEqualTo("v");
      assertThat(http.ask("GET", "/keys?prefix=tls-a").text()).contains("tls-a");
      assertThat(http.ask("DELETE", "/kv/tls-a").status()).isEqualTo(204);
    }
    assertThat(admission.fast()).isEqualTo(before);
  }

  @Test
  void requestsInTheClearAreRefused() {
    try (RawHttp http = new RawHttp(port)) {
      String request = RawHttp.head("PUT", "/kv/tls-clear", "Content-Length: 1") + "\r\nv";
      ProblemJson problem =
          ProblemJson.of(
              http.send(RawHttp.bytes(request)).answerTo("PUT"), 400, Problem.INVALID_REQUEST);
      assertThat(problem.member("detail")).contains("https://");
      assertThat(http.rest()).isEmpty();
    }
    try (RawHttp http = connect()) {
      assertThat(http.ask("GET", "/kv/tls-clear").status()).isEqualTo(404);
    }
  }

  @Test
  void protectedModeRefusesOtherNamesAndProxies() {
    String other = "GET /kv/tls-a HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    try (RawHttp http = connect()) {
      ProblemJson.of(
          http.send(RawHttp.bytes(other)).answerTo("GET"), 403, Problem.HOST_NOT_ALLOWED);
      ProblemJson.of(
          http.ask("GET", "/kv/tls-a", "X-Forwarded-Proto: https"), 403, Problem.PROTECTED_MODE);
      assertThat(http.ask("GET", "/kv/tls-a").status()).isEqualTo(404);
    }
  }

  /** Its certificate may be another one than the client has checked. */
  @Test
  void aHostOfAnotherHandshakeIsRefused() {
    String other = "GET /kv/tls-a HTTP/1.1\r\nHost: other.example\r\n\r\n";
    try (RawHttp http = connect()) {
      ProblemJson problem =
          ProblemJson.of(
              http.send(RawHttp.bytes(other)).answerTo("GET"), 400, Problem.INVALID_REQUEST);
      assertThat(problem.member("detail")).contains("TLS handshake");
      assertThat(http.ask("GET", "/kv/tls-a").status()).isEqualTo(404);
    }
  }

  /** Asks all the time, on one connection or on a new one each time. */
  private final class Asker implements Runnable {
    private final boolean reconnects;
    private final AtomicBoolean ended;
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Asker(boolean reconnects, AtomicBoolean ended) {
      this.reconnects = reconnects;
      this.ended = ended;
    }

    @Override
    public void run() {
      try (RawHttp kept = connect()) {
        while (!ended.get()) {
          if (reconnects) {
            try (RawHttp own = connect()) {
              ask(own);
            }
          } else {
            ask(kept);
          }
        }
      } catch (UncheckedIOException | AssertionError e) {
        failure.set(e);
      }
    }

    private void ask(RawHttp http) {
      assertThat(http.ask("GET", "/kv/tls-none").status()).isEqualTo(404);
      answers.incrementAndGet();
    }
  }

  @Test
  void renewedCertificateIsUsedAndNoRequestFails() throws InterruptedException {
    AtomicBoolean ended = new AtomicBoolean();
    List<Asker> askers = List.of(new Asker(true, ended), new Asker(false, ended));
    List<Thread> threads = new ArrayList<>();
    askers.forEach(asker -> threads.add(Thread.ofPlatform().start(asker)));
    try {
      for (int round = 0; round < 3; round++) {
        TestAuthority.Issued renewed = AUTHORITY.issue("CN=localhost");
        renewed.write(CERTIFICATE, KEY);
        await().atMost(SOON).until(() -> serial().equals(renewed.certificate().getSerialNumber()));
      }
      List<Integer> until = askers.stream().map(asker -> asker.answers.get()).toList();
      for (int i = 0; i < askers.size(); i++) {
        Asker asker = askers.get(i);
        int before = until.get(i);
        await()
            .atMost(SOON)
            .until(() -> asker.answers.get() > before || asker.failure.get() != null);
      }
    } finally {
      ended.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(askers).allSatisfy(asker -> assertThat(asker.failure.get()).isNull());
  }
}
