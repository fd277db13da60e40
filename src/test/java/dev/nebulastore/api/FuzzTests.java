package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Transaction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What reads what clients send takes any bytes: it gives a result, or refuses them by the exception
 * that becomes a 400 or 413, and nothing else. Without {@code JAZZER_FUZZ} only the inputs that are
 * kept beside it are run.
 */
class FuzzTests {

  private static final int MAX_LINE = 1_000;

  private final OperationParser operations = OperationParserTests.operations(false);
  private final TransactionReader transactions = new TransactionReader(operations);
  private final Cursor cursors = new Cursor(new byte[16]);

  @FuzzTest(maxDuration = "20s")
  void aPathIsAKeyOrIsRefused(byte[] input) {
    String path = KeyCodec.PREFIX + new String(input, StandardCharsets.ISO_8859_1);
    try {
      Key key = KeyCodec.decode(path);
      assertThat(Key.of(key.toString())).isEqualTo(key);
    } catch (InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = "20s")
  void aLineIsAnOperationOrIsRefused(byte[] input) {
    try {
      assertThat(operations.read(input, 0, input.length).key()).isNotNull();
    } catch (ApiException | InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = "20s")
  void aTransactionIsReadOrRefused(byte[] input) {
    try {
      assertThat(transactions.read(input).keys()).hasSizeLessThanOrEqualTo(Transaction.MAX_KEYS);
    } catch (ApiException | InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = "20s")
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

  @FuzzTest(maxDuration = "20s")
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
