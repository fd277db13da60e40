package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.TimeSlice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ValueJsonTests {

  private static final JsonMapper JSON = new JsonMapper();

  private static String written(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NestedJson.write(
        out,
        json -> {
          json.writeStartObject();
          ValueJson.write(json, bytes, new TimeSlice());
          json.writeEndObject();
        });
    return out.toString(UTF_8);
  }

  /** A text with characters of one to four bytes at every offset from any boundary. */
  private static String text(int length, long seed) {
    Random random = new Random(seed);
    String[] parts = {"a", "\"", "\\", "\n", "\u0001", "é", "\ufffd", "中", "😀"};
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, text/plain",
    "a/\u00c3\u00a9, a/\u00e9",
    "a/\u00e9, a/\u00e9",
    "a/\u00c3, a/\u00c3",
    "a/\u00f0\u009f\u0098\u0080, a/😀"
  })
  void mediaTypeLooksAsInItsHeader(String type, String shown) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NestedJson.write(
        out,
        json -> {
          json.writeStartObject();
          ValueJson.writeType(json, type);
          json.writeEndObject();
        });
    assertThat(JSON.readTree(out.toString(UTF_8)).path("contentType").asString()).isEqualTo(shown);
  }

  @Test
  void largeTextIsWrittenLikeSmallText() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      String text = text(3 * ComputeThreads.SMALL, seed);
      String whole = JSON.writeValueAsString(java.util.Map.of("value", text));
      assertThat(written(text.getBytes(UTF_8))).as("seed %d", seed).isEqualTo(whole);
    }
    for (int shift = 0; shift < 8; shift++) {
      String text = "a".repeat(shift) + "😀".repeat(ComputeThreads.SMALL);
      assertThat(written(text.getBytes(UTF_8)))
          .isEqualTo(JSON.writeValueAsString(java.util.Map.of("value", text)));
    }
  }

  @Test
  void largeBinaryValuesAreBase64() throws IOException {
    for (int at : new int[] {0, 8_191, 8_192, ComputeThreads.SMALL, 3 * ComputeThreads.SMALL - 1}) {
      byte[] bytes = "é".repeat(3 * ComputeThreads.SMALL / 2).getBytes(UTF_8);
      bytes[at] = (byte) 0xff;
      JsonNode json = JSON.readTree(written(bytes));
      assertThat(json.path("value").isMissingNode()).isTrue();
      assertThat(Base64.getDecoder().decode(json.path("base64").asString())).isEqualTo(bytes);
    }
  }
}
