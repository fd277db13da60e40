package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostHeaderTests {

  @ParameterizedTest
  @ValueSource(strings = {"x", "localhost:8080", "10.0.0.1", "[::1]:80", "a-b.example", "x:"})
  void hostsAreValid(String host) {
    assertThat(HostHeader.isValid(host.getBytes(ISO_8859_1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "x:y", "x:123456", "x:-1", "[::1", "a/b", "é"})
  void othersAreNot(String host) {
    assertThat(HostHeader.isValid(host.getBytes(ISO_8859_1))).isFalse();
  }
}
