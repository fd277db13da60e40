package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class RawPathTests {

  private final MockHttpServletRequest sent = new MockHttpServletRequest("GET", "/kv/a//b");

  /** A request as a filter shows it behind a proxy. */
  private HttpServletRequest behind(String prefix) {
    return new HttpServletRequestWrapper(sent) {
      @Override
      public String getContextPath() {
        return prefix;
      }

      @Override
      public String getRequestURI() {
        return prefix + "/kv/a/b";
      }
    };
  }

  @Test
  void pathIsTheOneThatWasSent() {
    assertThat(RawPath.of(sent)).isEqualTo("/kv/a//b");
    HttpServletRequest shown = new HttpServletRequestWrapper(behind("/store"));
    assertThat(RawPath.of(shown)).isEqualTo("/kv/a//b");
    assertThat(RawPath.sent(shown)).isSameAs(sent);
    assertThat(RawPath.prefix(shown)).isEqualTo("/store");
  }

  @Test
  void ownContextIsNoPrefix() {
    sent.setContextPath("/manage");
    assertThat(RawPath.prefix(sent)).isEmpty();
    assertThat(RawPath.prefix(behind("/manage"))).isEmpty();
    assertThat(RawPath.hasWrongPrefix(behind("/manage"))).isFalse();
    assertThat(RawPath.prefix(behind("/store"))).isEqualTo("/store");
    assertThat(RawPath.prefix(behind(""))).isEmpty();
    assertThat(RawPath.hasWrongPrefix(behind(""))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/a/b.c/d_e", "/~x", "/.a", "/a..", "/...", "/a:b@c!$&'()*+="})
  void prefixIsAPath(String prefix) {
    assertThat(RawPath.prefix(behind(prefix))).isEqualTo(prefix);
    assertThat(RawPath.hasWrongPrefix(behind(prefix))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "/",
        "/a/",
        "//evil.example",
        "/a//b",
        "/a/../b",
        "/..",
        "/./a",
        "/a%2Fb",
        "/a;b",
        "/a\\b",
        "/a b",
        "/a\"b",
        "/a>b",
        "/a?b",
        "/a#b",
        "/é",
        "https://evil.example"
      })
  void otherTextIsWrong(String prefix) {
    assertThat(RawPath.prefix(behind(prefix))).isEmpty();
    assertThat(RawPath.hasWrongPrefix(behind(prefix))).isTrue();
  }

  @Test
  void prefixIsBounded() {
    assertThat(RawPath.hasWrongPrefix(behind("/" + "x".repeat(255)))).isFalse();
    assertThat(RawPath.hasWrongPrefix(behind("/" + "x".repeat(256)))).isTrue();
  }
}
