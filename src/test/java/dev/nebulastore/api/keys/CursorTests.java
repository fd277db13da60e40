package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CursorTests {

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. é";

  private final Cursor cursors = new Cursor(new byte[16], "");
  private final byte[] position = {'a', '/', (byte) 0xff, 0};

  private void isRefused(String cursor, String prefix, String delimiter) {
    assertThatThrownBy(() -> cursors.read(cursor, prefix, delimiter))
        .as(cursor)
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID_CURSOR));
  }

  @Test
  void isDecodedAsItWasEncoded() {
    for (int length : new int[] {0, 1, 2, 3, 1_025}) {
      byte[] any = new byte[length];
      String cursor = cursors.write("p", "/", any);
      assertThat(cursor).matches("[A-Za-z0-9_-]+");
      assertThat(cursors.read(cursor, "p", "/")).isEqualTo(any);
    }
  }

  @Test
  void isRefusedWithAnyOtherCharacter() {
    String cursor = cursors.write("p", "/", position);
    for (int at = 0; at < cursor.length(); at++) {
      for (int i = 0; i < ALPHABET.length(); i++) {
        char c = ALPHABET.charAt(i);
        if (c != cursor.charAt(at)) {
          isRefused(cursor.substring(0, at) + c + cursor.substring(at + 1), "p", "/");
        }
      }
      isRefused(cursor.substring(0, at), "p", "/");
      isRefused(cursor.substring(0, at) + cursor.substring(at + 1), "p", "/");
    }
    isRefused(cursor + "A", "p", "/");
    isRefused(cursor + "=", "p", "/");
  }

  @Test
  void isBoundToParametersAndStore() {
    String cursor = cursors.write("ab", "c", position);
    isRefused(cursor, "a", "bc");
    isRefused(cursor, "abc", "");
    isRefused(cursor, "ab", "");
    isRefused(cursor, "", "c");
    String foreign = new Cursor("another store...".getBytes(UTF_8), "").write("ab", "c", position);
    isRefused(foreign, "ab", "c");
  }

  @Test
  void refusesEverythingElse() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    isRefused("", "", "");
    isRefused("A".repeat(3_000), "", "");
    for (int round = 0; round < 10_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(60); i >= 0; i--) {
        text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      isRefused(text.toString(), "", "");
    }
  }
}
