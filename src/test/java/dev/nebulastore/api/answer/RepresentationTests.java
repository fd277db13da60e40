package dev.nebulastore.api.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepresentationTests {

  private static Representation of(String... accept) {
    return Representation.of(Collections.enumeration(List.of(accept)));
  }

  @Test
  void defaultIsAPage() {
    assertThat(of()).isEqualTo(Representation.JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "application/*",
        "application/json",
        "application/json, application/x-ndjson",
        "application/x-ndjson;q=0.9, application/json",
        "application/x-ndjson;q=0.5, */*",
        "application/x-ndjson;q=0, */*",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
      })
  void isAPage(String accept) {
    assertThat(of(accept)).isEqualTo(Representation.JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-ndjson",
        "application/X-NDJSON;charset=utf-8",
        "application/x-ndjson, */*",
        "application/x-ndjson, */*;q=0.8",
        "application/x-ndjson;q=0.1",
        "application/json;q=0.4, application/x-ndjson;q=0.5",
        "application/json;q=0, */*",
      })
  void isLines(String accept) {
    assertThat(of(accept)).isEqualTo(Representation.LINES);
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(of("application/json;q=0.5", "application/x-ndjson"))
        .isEqualTo(Representation.LINES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "text/*", "application/json;q=0", "*/*;q=0"})
  void unacceptableTypesAreRefused(String accept) {
    refused(accept, Problem.NOT_ACCEPTABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "application/json;q=2", "/", "a/b c"})
  void malformedHeaderIsRefused(String accept) {
    refused(accept, Problem.INVALID_REQUEST);
  }

  private static void refused(String accept, Problem problem) {
    assertThatThrownBy(() -> of(accept))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }
}
