package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTests {

  private static @Nullable ByteRange parse(String... values) {
    return ByteRange.parse(Collections.enumeration(List.of(values)));
  }

  private static ByteRange parsed(String value) {
    ByteRange range = parse(value);
    if (range == null) {
      throw new AssertionError(value + " is ignored");
    }
    return range;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-0 | 10 | 0 | 1",
        "bytes=0-9 | 10 | 0 | 10",
        "bytes=3-5 | 10 | 3 | 3",
        "bytes=3- | 10 | 3 | 7",
        "bytes=9- | 10 | 9 | 1",
        "bytes=3-99 | 10 | 3 | 7",
        "bytes=-1 | 10 | 9 | 1",
        "bytes=-10 | 10 | 0 | 10",
        "bytes=-11 | 10 | 0 | 10",
        "bytes=-5 | 0 | 0 | 0",
        "bytes=0- | 2147483647 | 0 | 2147483647",
        "bytes=0-9223372036854775807 | 10 | 0 | 10",
        "bytes=1-99999999999999999999 | 10 | 1 | 9",
        "bytes=-99999999999999999999 | 10 | 0 | 10",
        "BYTES=003-005 | 10 | 3 | 3",
        "bytes= ,, 3-5 , | 10 | 3 | 3"
      })
  void rangesArePartsOfTheValue(String range, int size, int from, int length) {
    assertThat(parsed(range).within(size)).isEqualTo(new ByteRange.Part(from, length));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=10- | 10",
        "bytes=10-20 | 10",
        "bytes=-0 | 10",
        "bytes=0- | 0",
        "bytes=0-0 | 0",
        "bytes=99999999999999999999- | 2147483647"
      })
  void rangesBeyondTheValueHaveNoPart(String range, int size) {
    assertThat(parsed(range).within(size)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=,",
        "bytes=a-b",
        "bytes=5",
        "bytes=5-3",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=1 -2",
        "bytes=0-1,3-4",
        "bytes=0-1, 3-4",
        "bytes =0-1",
        " bytes=0-1",
        "items=0-1",
        "none",
        "bytes=\u0661-\u0662"
      })
  void otherHeadersAreIgnored(String range) {
    assertThat(parse(range)).isNull();
  }

  @Test
  void noHeaderAndTwoHeadersAreIgnored() {
    assertThat(parse()).isNull();
    assertThat(parse("bytes=0-1", "bytes=0-1")).isNull();
  }
}
