package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HttpDateTests {

  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Test
  void formatsTheExampleOfTheStandard() {
    assertThat(HttpDate.format(Instant.parse("1994-11-06T08:49:37.999Z")))
        .isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
  }

  @Test
  void formatsEveryDateAsTheJdk() {
    long end = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    SplittableRandom random = new SplittableRandom(1994);
    for (int i = 0; i < 100_000; i++) {
      Instant date = Instant.ofEpochSecond(random.nextLong(end));
      assertThat(HttpDate.format(date)).isEqualTo(IMF_FIXDATE.format(date));
    }
  }
}
