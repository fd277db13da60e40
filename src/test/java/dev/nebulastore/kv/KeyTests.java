package dev.nebulastore.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTests {

  @Test
  void isTheBytesThatItWasMadeOf() {
    // @start region="keys"
    assertThat(Key.of("a/é"))
        .isEqualTo(Key.ofUtf8(new byte[] {'a', '/', (byte) 0xc3, (byte) 0xa9}));
    assertThat(Key.of("a//b")).isNotEqualTo(Key.of("a/b"));
    assertThat(Key.of("z")).isLessThan(Key.of("é"));

    assertThatThrownBy(() -> Key.of("a/../b")).isInstanceOf(KvException.InvalidKey.class);
    // @end
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "a/b", "a//b", "/a", "a/", "+", ";", "é", "😀", "%", "...", ".a", "a."})
  void keepsEveryCharacter(String text) {
    assertThat(Key.of(text)).hasToString(text);
    assertThat(Key.ofUtf8(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(Key.of(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b", "a\u0000", "\n", "\u007f"
      })
  void refusesWhatIsNoKey(String text) {
    assertThatThrownBy(() -> Key.of(text)).isInstanceOf(KvException.InvalidKey.class);
  }

  @Test
  void isBoundedInBytesNotInCharacters() {
    assertThat(Key.of("é".repeat(512)).utf8()).hasSize(Key.MAX_BYTES);
    assertThatThrownBy(() -> Key.of("é".repeat(512) + "a")).hasMessageContaining("1025 bytes");
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[][] broken = {
      {(byte) 0xff},
      {(byte) 0xc0, (byte) 0xaf},
      {(byte) 0xc3},
      {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
      {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}
    };
    for (byte[] bytes : broken) {
      assertThatThrownBy(() -> Key.ofUtf8(bytes)).hasMessageContaining("UTF-8");
    }
    assertThatThrownBy(() -> Key.of("\ud83d")).hasMessageContaining("surrogate");
    assertThat(Key.of("\ufffd")).as("the replacement character itself").hasToString("\ufffd");
  }

  @Test
  void isOrderedByUnsignedBytes() {
    long seed = 42;
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      Key a = Key.of(Character.toString(random.nextInt(0x20, 0x7f)) + random.nextInt(0x80, 0xd800));
      Key b = Key.of(Character.toString(random.nextInt(0x80, 0xd800)));
      assertThat(Integer.signum(a.compareTo(b)))
          .as("seed %d, keys %s and %s", seed, a, b)
          .isEqualTo(-Integer.signum(b.compareTo(a)))
          .isEqualTo(-1);
    }
  }

  @Test
  void doesNotShareTheBytesItWasGiven() {
    byte[] bytes = {'a'};
    Key key = Key.ofUtf8(bytes);
    bytes[0] = 'b';
    assertThat(key).hasToString("a");
  }
}
