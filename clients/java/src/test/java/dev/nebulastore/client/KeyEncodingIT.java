package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server gets the key that the client was given. */
@ServerTest
class KeyEncodingIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String url;
  private final NebulaStore store;

  KeyEncodingIT(TestServer server) {
    url = server.url();
    store = NebulaStore.at(url);
  }

  /** The paths are literal, so that an error in the encoding can't cancel out. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      textBlock =
          """
          way/a/b,           way/a/b
          way//c/,           way//c/
          /way,              %2Fway
          way/é,             way/%C3%A9
          way/😀,            way/%F0%9F%98%80
          way/100%,          way/100%25
          way/%2F,           way/%252F
          way/a b,           way/a%20b
          way/a+b,           way/a+b
          way/a;b=c,         way/a;b=c
          way/{key},         way/%7Bkey%7D
          way/?a=b&c#d,      way/%3Fa=b&c%23d
          way/"<>\\^`|~,     way/%22%3C%3E%5C%5E%60%7C~
          way/.../.a,        way/.../.a
          """)
  void keysArriveUnchanged(String key, String path) throws Exception {
    store.put(key, Value.text(key));

    var request = HttpRequest.newBuilder(URI.create(url + "/kv/" + path)).build();
    var answer = HTTP.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(key);
    assertThat(store.get(key)).hasValueSatisfying(it -> assertThat(it.text()).isEqualTo(key));
    store.delete(key);
    assertThat(store.head(key)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a/../b", "a/./b", "a\nb", "a\u0000"})
  void theServerRefusesInvalidKeys(String key) {
    assertThatThrownBy(() -> store.put(key, Value.text("x")))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.code()).isEqualTo("invalid-key"));
  }

  @Test
  void unpairedSurrogatesAreRefused() {
    assertThatThrownBy(() -> store.put("way/\uD83D", Value.text("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
    assertThat(store.head("way/?")).isEmpty();
  }
}
