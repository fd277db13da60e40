package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Key;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How prefixes are spelled. */
class KeyPrefixTests {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app/          | app/",
        "my%20app/     | my app/",
        "a+b;c//       | a+b;c//",
        "%C3%a9        | é",
        "é             | é",
        "%F0%9F%98%80  | 😀",
        "100%25        | 100%",
        "%2520         | %20",
        ".             | .",
        "a/..          | a/..",
      })
  void isDecodedOnce(String spelling, String prefix) {
    assertThat(KeyPrefix.parse(spelling)).contains(prefix);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "%", "%4", "%4g", "%g4", "a%+1", "%C3", "%C0%AF", "%ED%A0%80", "%0A", "../"})
  void refusesWhatNoKeyBeginsWith(String spelling) {
    assertThat(KeyPrefix.parse(spelling)).isEmpty();
  }

  @Test
  void isAtMostAsLongAsAKey() {
    assertThat(KeyPrefix.parse("é".repeat(Key.MAX_BYTES / 2))).isPresent();
    assertThat(KeyPrefix.parse("é".repeat(Key.MAX_BYTES / 2) + "a")).isEmpty();
  }

  @Test
  void isSpelledWithoutBlanks() {
    assertThat(KeyPrefix.format("my app/é#1")).isEqualTo("my%20app/%C3%A9%231");
  }

  @Test
  void isReadAsItWasSpelled() {
    long seed = 11;
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      String prefix =
          "p"
              + random
                  .ints(8, 0x20, 0x1_0000)
                  .filter(c -> c != 0x7f && !Character.isSurrogate((char) c))
                  .collect(
                      StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
      String spelling = KeyPrefix.format(prefix);
      assertThat(spelling).as("seed %d", seed).matches("[!-~]+");
      assertThat(KeyPrefix.parse(spelling)).as("seed %d", seed).contains(prefix);
    }
  }
}
