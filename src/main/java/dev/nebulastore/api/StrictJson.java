package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON of requests token by token, and refuses it at the first token that does not belong
 * there. No tree is built: beside the input, memory holds what is kept of it and one string.
 *
 * <p>Threads: immutable.
 */
final class StrictJson {

  /** Deeper than any request; what is nested where it may not be is refused before. */
  private static final int MAX_DEPTH = 16;

  private static final int MAX_QUOTE = 64;

  private final JsonFactory json;

  /**
   * A reader.
   *
   * @param maxLength the most characters that a string may have
   */
  StrictJson(int maxLength) {
    this.json =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(maxLength)
                    .build())
            .build();
  }

  /** Reads one value, whose first token is the current one; its last token is afterwards. */
  interface Reading<T> {
    T read(JsonParser parser);
  }

  /** Reads what belongs to a member; the name is the current token. */
  interface Member {
    void read(JsonParser parser, String name);
  }

  /**
   * Reads bytes that are one JSON value in strict UTF-8.
   *
   * @throws ApiException if they are not, or {@code reading} refuses them
   */
  <T> T read(byte[] bytes, int from, int length, Reading<T> reading) {
    // A decoder that is made by its charset reports what is malformed.
    Reader text =
        new InputStreamReader(new ByteArrayInputStream(bytes, from, length), UTF_8.newDecoder());
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), text)) {
      var _ = parser.nextToken();
      T result = reading.read(parser);
      if (parser.nextToken() != null) {
        throw malformed("There is more behind the JSON object.");
      }
      return result;
    } catch (JacksonIOException e) {
      throw e.getCause() instanceof CharacterCodingException ? malformed("This is not UTF-8.") : e;
    } catch (JacksonException e) {
      throw malformed("This is not one JSON object: " + e.getOriginalMessage());
    }
  }

  /**
   * Reads an object, member by member.
   *
   * @param what it is, with its article, as in "A transaction"
   */
  static void object(JsonParser parser, String what, Member member) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw malformed(what + " is a JSON object.");
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      member.read(parser, name);
    }
  }

  /** The string that a member has. */
  static String string(JsonParser parser, String name) {
    if (parser.nextToken() != JsonToken.VALUE_STRING) {
      throw malformed("The member \"%s\" must be a string.".formatted(name));
    }
    return parser.getString();
  }

  /**
   * The refusal of a member that does not belong there.
   *
   * @param what has it, with its article
   */
  static ApiException unknown(String name, String what) {
    return malformed("There is no member \"%s\" in %s.".formatted(clip(name), what));
  }

  /** The refusal of JSON that is not what belongs here. */
  static ApiException malformed(String detail) {
    return new ApiException(Problem.INVALID_JSON, detail);
  }

  /** As much of a text as a message may quote. */
  static String clip(String text) {
    return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
  }
}
