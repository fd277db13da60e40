package dev.nebulastore.api.batch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NdjsonReaderTests {

  /** Returns a few bytes at a time. */
  private static final class Trickle extends ByteArrayInputStream {
    private final Random random;

    Trickle(String text, long seed) {
      super(text.getBytes(ISO_8859_1));
      this.random = new Random(seed);
    }

    @Override
    public synchronized int read(byte[] bytes, int from, int length) {
      return super.read(bytes, from, Math.min(length, random.nextInt(1, 5_000)));
    }
  }

  private static List<String> read(String text, int maxLength, long seed) throws IOException {
    return read(new NdjsonReader(new Trickle(text, seed), maxLength, _ -> true));
  }

  private static List<String> read(NdjsonReader lines) throws IOException {
    List<String> read = new ArrayList<>();
    do {
      for (NdjsonReader.Line line = lines.poll(); line != null; line = lines.poll()) {
        read.add(text(line));
      }
    } while (lines.fill());
    NdjsonReader.@Nullable Line last = lines.last();
    if (last != null) {
      read.add(text(last));
    }
    return read;
  }

  private static String text(NdjsonReader.Line line) {
    if (line.equals(NdjsonReader.NO_ROOM)) {
      return "no room";
    }
    return line.equals(NdjsonReader.TOO_LONG)
        ? "too long"
        : new String(line.bytes(), line.from(), line.length(), ISO_8859_1);
  }

  @Test
  void lineWithoutMemoryIsReportedOnce() throws IOException {
    String text = "a\n" + "x".repeat(100_000) + "\nb";
    NdjsonReader lines = new NdjsonReader(new Trickle(text, 1), 1_000_000, size -> size <= 32_768);
    assertThat(read(lines)).containsExactly("a", "no room", "b");
  }

  @Test
  void linesEndAtLineFeedOrEnd() throws IOException {
    assertThat(read("a\n\nbc\r\nd", 10, 1)).containsExactly("a", "", "bc\r", "d");
    assertThat(read("a\n", 10, 1)).containsExactly("a");
    assertThat(read("", 10, 1)).isEmpty();
    assertThat(read("\n", 10, 1)).containsExactly("");
  }

  @Test
  void tooLongLineIsReportedOnce() throws IOException {
    String exact = "x".repeat(100_000);
    for (int seed = 0; seed < 20; seed++) {
      assertThat(read("a\n" + exact + "\n" + exact + "y\nb\n" + exact.repeat(9), 100_000, seed))
          .containsExactly("a", exact, "too long", "b", "too long");
    }
  }

  @Test
  void readsTheSameInPiecesOfAnySize() throws IOException {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<String> lines = new ArrayList<>();
      for (int i = random.nextInt(1, 30); i > 0; i--) {
        lines.add("l".repeat(random.nextInt(random.nextInt(3) == 0 ? 60_000 : 50)) + i);
      }
      assertThat(read(String.join("\n", lines), 100_000, seed))
          .as("seed %d", seed)
          .isEqualTo(lines);
    }
  }
}
