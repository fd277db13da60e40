package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TtlTests {

  private static final long MAX_SECONDS = Duration.ofDays(3_650).toSeconds();

  @ParameterizedTest
  @CsvSource({
    "90s, PT90S",
    "15m, PT15M",
    "12h, PT12H",
    "30d, P30D",
    "1, PT1S",
    "0000000001, PT1S",
    "00000000000000000000001s, PT1S",
    "PT90S, PT90S",
    "PT1S, PT1S",
    "PT1.000000001S, PT1.000000001S",
    "P1DT1H1M1S, P1DT1H1M1S",
    "3650d, P3650D",
    "P3650D, P3650D",
    "315360000, P3650D"
  })
  void parsesEachForm(String text, Duration ttl) {
    assertThat(Ttl.parse(text)).isEqualTo(ttl);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "0",
        "0s",
        "0d",
        "00",
        "00000000000",
        "-1s",
        "-1",
        "+1s",
        "+1",
        "1 s",
        " 1s",
        "1s ",
        "1S",
        "1M",
        "1D",
        "1w",
        "1y",
        "1ms",
        "1.5s",
        "1,5s",
        "1e3",
        "0x1",
        "1_000",
        "s",
        "1s1m",
        "none",
        "x",
        "٩٠s",
        "９s",
        "3651d",
        "315360001",
        "5256001m",
        "87601h",
        "9999999999d",
        "99999999999",
        "P3651D",
        "P",
        "PT",
        "PT0S",
        "PT0.999999999S",
        "PT-1S",
        "-PT0S",
        "P1Y",
        "P1M",
        "PT3650D",
        "PT999999999999999999H",
        "PT9223372036854775808S",
        "P-1D",
        "1s\n",
        "\u00001s"
      })
  void refusesEverythingElse(String text) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> Ttl.parse(text))
        .extracting(ApiException::problem)
        .isEqualTo(Problem.INVALID_TTL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0s",
        "3651d",
        "99999999999",
        "99999999999s",
        "9223372036854775808d",
        "PT0S",
        "PT-1S",
        "PT999999999999999999H"
      })
  void sizeIsNotReportedAsAForm(String text) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> Ttl.parse(text))
        .withMessage("The ttl \"" + text + "\" is not from 1s to 3650d.");
  }

  @Test
  void noneIsForPatchAlone() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> Ttl.parse("none"))
        .withMessage(
            "The ttl \"none\" is only for PATCH and touch. What is written without a ttl never"
                + " expires.");
  }

  @Test
  void longTextsAreQuotedInPart() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> Ttl.parse("9".repeat(5_000)))
        .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(120));
  }

  @RepeatedTest(10)
  void parsesAnyDurationInAnyForm(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < 500; i++) {
      Duration ttl = Duration.ofSeconds(1 + random.nextLong(MAX_SECONDS));
      assertThat(Ttl.parse(ttl.toString())).isEqualTo(ttl);
      assertThat(Ttl.parse("" + ttl.toSeconds())).isEqualTo(ttl);
      assertThat(Ttl.parse(ttl.toSeconds() + "s")).isEqualTo(ttl);
      assertThat(Ttl.parse((ttl.toMinutes() + 1) % 5_256_000 + 1 + "m"))
          .hasSeconds(((ttl.toMinutes() + 1) % 5_256_000 + 1) * 60);
    }
  }
}
