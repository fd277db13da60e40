package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferHeaderTests {

  private static @Nullable Duration waitOf(String... headers) {
    return PreferHeader.wait(Collections.enumeration(List.of(headers)), Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait=0 | 0",
        "wait=1 | 1",
        "wait=060 | 60",
        "wait=61 | 60",
        "wait=999999999999999999 | 60",
        "WAIT=5 | 5",
        "Wait = 5 | 5",
        "'\twait\t=\t5 ' | 5",
        "wait=5; foo=bar | 5",
        "wait=5 ;a;b=\"x, wait=7\" | 5",
        "respond-async, wait=5 | 5",
        "respond-async,wait=5,wait=6 | 5",
        ",, wait=5 | 5",
        "foo=\"a, wait=7\", wait=5 | 5",
        "foo=\"\\\", wait=7\", wait=5 | 5",
        "foo; bar=\", wait=7\", wait=5 | 5",
        "foo, bar=, wait=5, | 5",
        "waiting=7, wait=5 | 5",
      })
  void waitIsParsedFromAnyList(String header, long seconds) {
    assertThat(waitOf(header)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "wait",
        "wait=",
        "wait=-1",
        "wait=+1",
        "wait=1.5",
        "wait=1s",
        "wait=x",
        "wait=\"5\"",
        "wait=9999999999999999999",
        "wait=x, wait=5",
        "wait=5 x",
        "foo bar, wait=5",
        "=, wait=5",
        "foo=\", wait=5",
        "await=5",
        "foo; wait=5",
        "foo=\"wait=5\"",
        "return=minimal",
        "wait=\u0665"
      })
  void malformedPreferencesAreIgnored(String header) {
    assertThat(waitOf(header)).isNull();
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(waitOf("respond-async", "foo=bar, wait=7", "wait=5"))
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(waitOf()).isNull();
  }

  @Test
  void longHeadersAreParsedQuickly() {
    assertThat(waitOf("a;".repeat(4_000) + "\"")).isNull();
    assertThat(waitOf("\"".repeat(8_000))).isNull();
    assertThat(waitOf(" ".repeat(8_000) + "=")).isNull();
    assertThat(waitOf(", ".repeat(4_000) + "wait=5")).isEqualTo(Duration.ofSeconds(5));
  }
}
