package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCodecTests {

  private static final String HEX = "0123456789abcdefABCDEF";

  @ParameterizedTest
  @CsvSource({
    "/kv/a, a",
    "/kv/a/b, a/b",
    "/kv/a%2Fb, a/b",
    "/kv/a%2fb, a/b",
    "/kv//, /",
    "/kv/%2525, %25",
    "/kv/a+b, a+b",
    "/kv/a;x=1, a;x=1",
    "/kv/%41, A",
    "/kv/%C3%A9, é",
    "/kv/kv/a, kv/a"
  })
  void decodesOnce(String path, String key) {
    assertThat(KeyCodec.decode(path)).isEqualTo(Key.of(key)).hasToString(key);
  }

  @Test
  void rawBytesStandForThemselves() {
    assertThat(KeyCodec.decode("/kv/\u00c3\u00a9")).hasToString("é");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kv/",
        "/kv/%",
        "/kv/%4",
        "/kv/%4g",
        "/kv/%g4",
        "/kv/%\u0664\u0661",
        "/kv/%４１",
        "/kv/\u0151",
        "/kv/%FF",
        "/kv/%00",
        "/kv/..",
        "/kv/a/%2e"
      })
  void refusesInvalidKeys(String path) {
    assertThatExceptionOfType(InvalidKey.class).isThrownBy(() -> KeyCodec.decode(path));
  }

  @RepeatedTest(20)
  void decodesAnyKeyInAnySpelling(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < 500; i++) {
      String key = randomKey(random);
      StringBuilder path = new StringBuilder("/kv/");
      for (byte b : key.getBytes(UTF_8)) {
        boolean plain = b != '%' && random.nextBoolean();
        String form = random.nextBoolean() ? "%%%02X" : "%%%02x";
        path.append(plain ? String.valueOf((char) (b & 0xff)) : form.formatted(b & 0xff));
      }
      assertThat(KeyCodec.decode(path.toString())).hasToString(key);
    }
  }

  @RepeatedTest(20)
  void agreesWithASimpleDecoderOnAnyPath(RepetitionInfo repetition) {
    Random random = new Random(-repetition.getCurrentRepetition());
    for (int i = 0; i < 2_000; i++) {
      String path = "/kv/" + randomPath(random);
      Optional<String> expected = simply(path.substring(4));
      Optional<String> actual;
      try {
        actual = Optional.of(KeyCodec.decode(path).toString());
      } catch (InvalidKey e) {
        actual = Optional.empty();
      }
      assertThat(actual).as("key of %s", path).isEqualTo(expected);
    }
  }

  /**
   * The same result in another way: text, regular expressions, and the JDK's handling of bad bytes.
   */
  private static Optional<String> simply(String path) {
    if (!path.matches("([\\x00-\\xff&&[^%]]|%[0-9a-fA-F]{2})*")) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < path.length(); i++) {
      boolean encoded = path.charAt(i) == '%';
      bytes.write(encoded ? Integer.parseInt(path, i + 1, i + 3, 16) : path.charAt(i));
      i += encoded ? 2 : 0;
    }
    String key = bytes.toString(UTF_8);
    boolean strict = java.util.Arrays.equals(key.getBytes(UTF_8), bytes.toByteArray());
    boolean isKey =
        strict
            && bytes.size() >= 1
            && bytes.size() <= 1_024
            && !key.matches("(?s).*[\\x00-\\x1f\\x7f].*")
            && !("/" + key + "/").matches("(?s).*/\\.\\.?/.*");
    return isKey ? Optional.of(key) : Optional.empty();
  }

  private static String randomKey(Random random) {
    StringBuilder key = new StringBuilder("k");
    int length = random.nextInt(100);
    for (int i = 0; i < length; i++) {
      int point =
          switch (random.nextInt(4)) {
            case 0 -> 0x20 + random.nextInt(0x5f);
            case 1 -> 0xa0 + random.nextInt(0x700);
            case 2 -> 0xe000 + random.nextInt(0x2000);
            default -> 0x10000 + random.nextInt(0x100000);
          };
      key.appendCodePoint(point == '.' ? ':' : point);
    }
    return key.toString();
  }

  private static String randomPath(Random random) {
    StringBuilder path = new StringBuilder();
    int length = random.nextInt(random.nextInt(50) == 0 ? 1_100 : 9);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(10)) {
        case 0 -> path.append('%');
        case 1, 2 -> path.append('.');
        case 3 -> path.append('/');
        case 4 -> path.append("%2").append(random.nextBoolean() ? 'e' : 'F');
        case 5 -> path.append('%').append(hex(random)).append(hex(random));
        case 6 -> path.append("%C3%").append("89AB".charAt(random.nextInt(4))).append(hex(random));
        case 7 -> path.append((char) random.nextInt(0x110));
        default -> path.append((char) ('a' + random.nextInt(26)));
      }
    }
    return path.toString();
  }

  private static char hex(Random random) {
    return HEX.charAt(random.nextInt(HEX.length()));
  }
}
