package dev.nebulastore.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes JSON into a stream that goes on behind it, and neither closes nor flushes that.
 *
 * <p>Threads: immutable.
 */
final class NestedJson {

  /** Between two values on the top level it puts nothing of its own. */
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
   * Writes what a caller has to say.
   *
   * @throws IOException if the stream failed
   */
  static void write(OutputStream out, Consumer<JsonGenerator> content) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      content.accept(json);
    } catch (JacksonIOException e) {
      throw e.getCause();
    }
  }
}
