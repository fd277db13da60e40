package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.nio.charset.StandardCharsets;

/**
 * The parsers of keys and operations accept any bytes: they return a result, or throw the exception
 * that becomes a 400 or 413, and nothing else. Without {@code JAZZER_FUZZ} only the stored inputs
 * are run.
 */
class CodecFuzzTests {

  private final OperationParser operations = OperationParserTests.operations(false);

  @FuzzTest(maxDuration = "12s")
  void aPathIsAKeyOrIsRefused(byte[] input) {
    String path = KeyCodec.PREFIX + new String(input, StandardCharsets.ISO_8859_1);
    try {
      Key key = KeyCodec.decode(path);
      assertThat(Key.of(key.toString())).isEqualTo(key);
    } catch (InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = "12s")
  void aLineIsAnOperationOrIsRefused(byte[] input) {
    try {
      assertThat(operations.read(input, 0, input.length).key()).isNotNull();
    } catch (ApiException | InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
