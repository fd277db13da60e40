package dev.nebulastore.api.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The parser of cursors accepts any bytes: it returns a result, or throws the exception that
 * becomes a 400 or 413, and nothing else. Without {@code JAZZER_FUZZ} only the stored inputs are
 * run.
 */
class CursorFuzzTests {

  private final Cursor cursors = new Cursor(new byte[16], "");

  @FuzzTest(maxDuration = "12s")
  void aCursorIsOneThatWasGivenOrIsRefused(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    try {
      byte[] position = cursors.read(text, "", "");
      assertThat(cursors.write("", "", position)).isEqualTo(text);
    } catch (ApiException e) {
      assertThat(e.problem()).isEqualTo(Problem.INVALID_CURSOR);
    }
    String given =
        cursors.write("", "", input.length > 1_000 ? Arrays.copyOf(input, 1_000) : input);
    assertThat(cursors.write("", "", cursors.read(given, "", ""))).isEqualTo(given);
  }
}
