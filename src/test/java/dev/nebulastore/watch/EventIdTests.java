package dev.nebulastore.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTests {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0000000000000000-0",
    "10, 1, 000000000000000a-1",
    "-1, 9223372036854775807, ffffffffffffffff-9223372036854775807"
  })
  void whatIsWrittenIsRead(long epoch, long sequence, String text) {
    EventId id = new EventId(epoch, sequence);
    assertThat(id).hasToString(text);
    assertThat(EventId.parse(text)).hasValue(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "-1",
        "a-1",
        "000000000000000A-1",
        "00000000000000000a-1",
        "000000000000000a-",
        "000000000000000a-01",
        "000000000000000a--1",
        "000000000000000a-+1",
        "000000000000000a-1 ",
        "000000000000000a-9223372036854775808",
        "000000000000000a-10000000000000000000",
        "000000000000000a-1\n"
      })
  void everyOtherSpellingIsNone(String text) {
    assertThat(EventId.parse(text)).isEmpty();
  }

  @Test
  void rejectsNegativeSequences() {
    assertThatThrownBy(() -> new EventId(0, -1)).isInstanceOf(IllegalArgumentException.class);
  }
}
