package dev.nebulastore.api.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes JSON into a stream without closing or flushing it.
 *
 * <p>Threads: immutable.
 */
public final class NestedJson {

  /** Writes nothing between two values on the top level. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                  .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                  .rootValueSeparator("")
                  .build())
          .build();

  private NestedJson() {}

  /**
   * Writes JSON.
   *
   * @throws IOException if the stream failed
   */
  public static void write(OutputStream out, Consumer<JsonGenerator> content) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      content.accept(json);
    } catch (JacksonIOException e) {
      throw e.getCause();
    }
  }
}
