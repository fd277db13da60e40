package dev.nebulastore.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.security.Gate;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.ForwardedHeaderFilter;

/** What a header says is not believed, even if it counts for links. */
class ServletSenderTests {

  private final MockHttpServletRequest sent = new MockHttpServletRequest("GET", "/keys");

  /** The sender of the request behind Spring's filter. */
  private Gate.Sender sender() throws ServletException, IOException {
    AtomicReference<Gate.Sender> seen = new AtomicReference<>();
    new ForwardedHeaderFilter()
        .doFilter(
            sent,
            new MockHttpServletResponse(),
            (request, _) -> {
              if (request instanceof HttpServletRequest http) {
                seen.set(ServletSender.of(http, false));
              }
            });
    return seen.get();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Forwarded-Ssl"
      })
  void proxyIsSeenBehindTheFilter(String header) throws ServletException, IOException {
    assertThat(sender().proxied()).isFalse();
    sent.addHeader(header, header.equals("Forwarded") ? "for=127.0.0.1" : "1");
    assertThat(sender().proxied()).isTrue();
  }

  @Test
  void addressIsThatOfTheConnection() throws ServletException, IOException {
    sent.setRemoteAddr("10.1.2.3");
    sent.addHeader("X-Forwarded-For", "127.0.0.1");
    sent.addHeader("X-Forwarded-Host", "localhost");
    sent.addHeader("Host", "evil.example");
    assertThat(sender().address()).isEqualTo(InetAddress.ofLiteral("10.1.2.3"));
    assertThat(sender().host()).isEqualTo("evil.example");
  }
}
