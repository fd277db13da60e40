package dev.nebulastore.api.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * The parser of lines accepts any bytes: it returns a result, or throws the exception that becomes
 * a 400 or 413, and nothing else. Without {@code JAZZER_FUZZ} only the stored inputs are run.
 */
class NdjsonFuzzTests {

  private static final int MAX_LINE = 1_000;

  @FuzzTest(maxDuration = "12s")
  void linesAreWhatLiesBetweenLineFeeds(byte[] input) throws IOException {
    NdjsonReader lines = new NdjsonReader(new ByteArrayInputStream(input), MAX_LINE, _ -> true);
    int found = 0;
    do {
      for (NdjsonReader.Line line = lines.poll(); line != null; line = lines.poll()) {
        assertThat(line.length()).isLessThanOrEqualTo(MAX_LINE);
        found++;
      }
    } while (lines.fill());
    found += lines.last() == null ? 0 : 1;
    int feeds = 0;
    for (byte b : input) {
      feeds += b == '\n' ? 1 : 0;
    }
    boolean open = input.length > 0 && input[input.length - 1] != '\n';
    assertThat(found).isEqualTo(feeds + (open ? 1 : 0));
  }
}
