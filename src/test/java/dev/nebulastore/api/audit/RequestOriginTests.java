package dev.nebulastore.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the audit log shows of a request. */
class RequestOriginTests {

  @ParameterizedTest
  @CsvSource({
    "/kv/, /kv/",
    "/kv/a/b, /kv/",
    "/kv, /kv",
    "/actuator/shards/0, /actuator/shards/0",
    "/swagger-ui/swagger-ui-standalone-preset.js, /swagger-ui/swagger-ui-standalone-preset.js",
    "/nst_ci_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/x, /.../x",
    "/watch/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, /watch/..."
  })
  void pathsHaveNeitherKeysNorTokens(String path, String shown) {
    assertThat(RequestOrigin.path(path)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nst_ci_A", "G\nET", "GET ", "AAAAAAAAAAAAAAAAAAAAA"})
  void methodsAreWords(String method) {
    assertThat(RequestOrigin.method("PROPFIND")).isEqualTo("PROPFIND");
    assertThat(RequestOrigin.method(method)).isEqualTo("other");
  }

  /** So that a full queue has a known size. */
  @ParameterizedTest
  @CsvSource({"/, 8000", "/a, 4000", "x, 8000"})
  void pathsAreBounded(String piece, int times) {
    assertThat(RequestOrigin.path("/" + piece.repeat(times))).hasSizeLessThan(210);
  }
}
