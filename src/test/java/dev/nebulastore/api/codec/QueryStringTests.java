package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.api.PercentCode;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryStringTests {

  @ParameterizedTest
  @CsvSource({
    "ttl=90s, 90s",
    "ttl=, ''",
    "ttl, ''",
    "ttl==, =",
    "ttl=a=b, a=b",
    "ttl=%39%30s, 90s",
    "%74%74%6c=90s, 90s",
    "ttl=5%26x, 5&x",
    "ttl=5%3D, 5=",
    "ttl=5;x=1, 5;x=1",
    "ttl=a+b, a b",
    "ttl=%C3%A9, é",
    "ttl=%2525, %25",
    "ttl=5s&, 5s",
    "&ttl=5s, 5s",
    "&&ttl=5s&&, 5s"
  })
  void decodesTheTtlOnce(String query, String ttl) {
    assertThat(QueryString.ttl(query)).isEqualTo(ttl);
    assertThatExceptionOfType(ApiException.class).isThrownBy(() -> QueryString.refuseAll(query));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"&", "&&"})
  void noQueryHasNoTtl(@Nullable String query) {
    assertThat(QueryString.ttl(query)).isNull();
    assertThatCode(() -> QueryString.refuseAll(query)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "x=1",
        "=",
        "=5s",
        "&=",
        "ttl=5s&ttl=5s",
        "ttl=5s&&ttl=5s",
        "ttl&ttl",
        "ttl=5s&x=1",
        "TTL=5s",
        "ttl%20=5s",
        "+ttl=5s",
        "ttl[]=5s",
        "ttl;x=5s",
        "ttl%00=5s",
        "%",
        "%7",
        "%zz=1",
        "ttl=%",
        "ttl=%5",
        "ttl=%-1",
        "ttl=%+1",
        "ttl=%ff",
        "ttl=%c3",
        "ttl=%ed%a0%80"
      })
  void refusesUnknownRepeatedAndMalformedParameters(String query) {
    for (var read :
        new Runnable[] {() -> QueryString.ttl(query), () -> QueryString.refuseAll(query)}) {
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(read::run)
          .extracting(ApiException::problem)
          .isEqualTo(Problem.INVALID_PARAMETER);
    }
  }

  @Test
  void anyEncodedTextIsDecoded() {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        text.appendCodePoint(
            random.nextInt(3) == 0 ? random.nextInt(0xd800) : random.nextInt(0x80));
      }
      assertThat(QueryString.ttl("ttl=" + PercentCode.full(text.toString())))
          .isEqualTo(text.toString());
    }
  }
}
