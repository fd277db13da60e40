package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which names a protected server may be called. */
class HostNamesTests {

  private final HostNames hosts = new HostNames(List.of(" Store.Example ", "10.0.0.7"));
  private final HostNames local = new HostNames(List.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.1.2.3:1",
        "127.255.255.255",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]:8080",
      })
  void localNamesAreAllowed(String host) {
    assertThat(local.allow(host)).isTrue();
    assertThat(hosts.allow(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ":8080",
        "evil.example",
        "evil.example:8080",
        "127.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.evil",
        "localhost.evil.example",
        "evil.example.localhost",
        "evil-localhost",
        "localhost.",
        "127.0.0.1.",
        "127.0.0",
        "127.0.0.1.5",
        "127.0..1",
        "127.0.0.1111",
        "127.0.0.x",
        "127.0.0.\u0661",
        "128.0.0.1",
        "0127.0.0.1",
        "0x7f.0.0.1",
        "2130706433",
        "0.0.0.0",
        "[::]",
        "[::2]:8080",
        "[::1",
        "::1",
        "[::1].evil.example",
        "[::ffff:127.0.0.1]",
        "localhost@evil.example",
        "evil.example:localhost",
        "evil.example,localhost",
        "localhost:80:80",
        "store.example",
      })
  void otherNamesAreNot(String host) {
    assertThat(local.allow(host)).isFalse();
  }

  @Test
  void requestWithoutHostIsAllowed() {
    assertThat(local.allow(null)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"store.example", "STORE.example:8080", "10.0.0.7:1"})
  void configuredNamesAreAllowed(String host) {
    assertThat(hosts.allow(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.store.example", "store.example.evil", "xstore.example", "10.0.0.70"})
  void namesLikeConfiguredOnesAreNot(String host) {
    assertThat(hosts.allow(host)).isFalse();
  }
}
