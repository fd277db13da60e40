package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON of requests token by token, and refuses it at the first token that is not
 * expected. It builds no tree: in addition to the input, it holds only the result and one string.
 *
 * <p>Threads: immutable.
 */
public final class StrictJson {

  /** Deeper than any valid request. */
  private static final int MAX_DEPTH = 16;

  private static final int MAX_QUOTE = 64;

  private final JsonFactory json;

  /**
   * Creates a reader.
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

  /** Reads one value, from its first token, which is the current one, to its last. */
  public interface Reading<T> {
    /** Reads the value. */
    T read(JsonParser parser);
  }

  /** Reads the value of a member; the name is the current token. */
  public interface Member {
    /** Reads the value of the member of this name. */
    void read(JsonParser parser, String name);
  }

  /**
   * Reads one JSON value in strict UTF-8.
   *
   * @throws ApiException if the bytes are something else, or {@code reading} refuses them
   */
  public <T> T read(byte[] bytes, int from, int length, Reading<T> reading) {
    // A new decoder reports malformed input.
    Reader text =
        new InputStreamReader(new ByteArrayInputStream(bytes, from, length), UTF_8.newDecoder());
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), text)) {
      var _ = parser.nextToken();
      T result = reading.read(parser);
      if (parser.nextToken() != null) {
        throw malformed("The JSON object is followed by more text.");
      }
      return result;
    } catch (JacksonIOException e) {
      throw e.getCause() instanceof CharacterCodingException ? malformed("This is not UTF-8.") : e;
    } catch (JacksonException e) {
      throw malformed(detail(e));
    }
  }

  /** The parser's own messages name its classes and features. */
  private static String detail(JacksonException e) {
    if (e instanceof StreamConstraintsException) {
      return "The JSON is nested too deeply, or one of its strings or numbers is too long.";
    }
    if (e instanceof UnexpectedEndOfInputException) {
      return "The JSON ends before its object does.";
    }
    if (String.valueOf(e.getOriginalMessage()).startsWith("Duplicate ")) {
      return "A member is given twice" + place(e.getLocation()) + ".";
    }
    return "The JSON is malformed" + place(e.getLocation()) + ".";
  }

  /** Most JSON is one line. */
  private static String place(@Nullable TokenStreamLocation at) {
    if (at == null || at.getColumnNr() < 1) {
      return "";
    }
    return at.getLineNr() > 1
        ? " in line %d, at character %d".formatted(at.getLineNr(), at.getColumnNr())
        : " at character " + at.getColumnNr();
  }

  /**
   * Reads an object, member by member.
   *
   * @param what the kind of object, with its article, as in "A transaction"
   */
  public static void object(JsonParser parser, String what, Member member) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw malformed(what + " must be a JSON object.");
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      member.read(parser, name);
    }
  }

  /** Reads the value of a member that is a string. */
  public static String string(JsonParser parser, String name) {
    if (parser.nextToken() != JsonToken.VALUE_STRING) {
      throw malformed("The member \"%s\" must be a string.".formatted(name));
    }
    return parser.getString();
  }

  /**
   * The refusal of an unknown member.
   *
   * @param what the kind of object, with its article
   */
  public static ApiException unknown(String name, String what) {
    return malformed("There is no member \"%s\" in %s.".formatted(clip(name), what));
  }

  /** The refusal of malformed or unexpected JSON. */
  public static ApiException malformed(String detail) {
    return new ApiException(Problem.INVALID_JSON, detail);
  }

  /** Shortens a text to what a message may quote. */
  static String clip(String text) {
    return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
  }
}
