package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Streams in lists of a fixed size. */
class WindowsTests {

  @Test
  void theLastWindowMayBeShorter() {
    assertThat(
            Windows.of(IntStream.range(0, 5).boxed(), 2)
                .flatMap(window -> Stream.of(window.size())))
        .containsExactly(2, 2, 1);
    assertThat(Windows.of(Stream.of(1, 2), 2)).hasSize(1);
    assertThat(Windows.of(Stream.empty(), 2)).isEmpty();
  }

  @Test
  void elementsAreTakenOnlyWhenNeeded() {
    var taken = new AtomicInteger();
    Stream<Integer> endless = Stream.generate(taken::incrementAndGet);

    assertThat(Windows.of(endless, 3).limit(2)).hasSize(2);
    assertThat(taken).hasValue(6);
  }

  @Test
  void closingClosesTheElements() {
    var closed = new AtomicInteger();
    Windows.of(Stream.of(1).onClose(closed::incrementAndGet), 2).close();
    assertThat(closed).hasValue(1);
  }
}
