package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Value;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads one operation of a batch or a transaction: a JSON object becomes a {@link Command}. It is
 * strict: a member that is unknown, given twice or of another type is refused by its name.
 *
 * <p>Threads: immutable.
 */
final class Operations {

  /** The media type of a {@code value} that comes with none: it is text, sent as UTF-8. */
  static final String TEXT = "text/plain;charset=utf-8";

  private static final int MAX_DEPTH = 16;
  private static final int MAX_QUOTE = 64;

  /** Beside the value: a key, tags, a media type and the words, at their longest spelling. */
  private static final int BESIDE_VALUE = 64 * 1_024;

  /** A byte of text may be spelled {@code \}{@code u0001}. */
  private static final int SPELLING = 6;

  private static final Set<String> READ = Set.of("op", "key", "ifMatch", "ifNoneMatch");
  private static final Set<String> PUT =
      Set.of("op", "key", "ifMatch", "ifNoneMatch", "value", "base64", "contentType", "ttl");

  private final ValueReader values;
  private final boolean guarded;
  private final JsonMapper json;

  Operations(ApiProperties properties) {
    this.values = new ValueReader(properties.limits().valueSize());
    this.guarded = properties.requirePreconditions();
    this.json =
        JsonMapper.builder(
                JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(maxLength())
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /** How many bytes an operation may have; enough for the largest value however it is spelled. */
  int maxLength() {
    return SPELLING * values.maxSize() + BESIDE_VALUE;
  }

  /**
   * Reads JSON as strictly as operations are read.
   *
   * @throws ApiException if these bytes are not one JSON value in strict UTF-8
   */
  JsonNode tree(byte[] bytes, int from, int length) {
    try {
      return json.readTree(
          UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length)).toString());
    } catch (CharacterCodingException e) {
      throw malformed("This is not UTF-8.");
    } catch (JacksonException e) {
      throw malformed("This is not one JSON object: " + e.getOriginalMessage());
    }
  }

  /**
   * The command that an operation says.
   *
   * @throws ApiException if it says none; it has the key, if there is one
   * @throws dev.nebulastore.kv.KvException.InvalidKey if its key is none
   */
  Command read(JsonNode operation) {
    if (!operation.isObject()) {
      throw malformed("An operation is a JSON object.");
    }
    String op = required(operation, "op");
    Key key = Key.of(required(operation, "key"));
    try {
      return switch (op) {
        case "put" -> put(operation, key);
        case "get" -> new Command.Get(key, precondition(only(operation, op, READ)));
        case "delete" -> new Command.Delete(key, precondition(only(operation, op, READ)));
        default ->
            throw malformed(
                "There is no operation \"%s\": put, get and delete are known.".formatted(clip(op)));
      };
    } catch (ApiException e) {
      throw e.about(key);
    }
  }

  private Command put(JsonNode operation, Key key) {
    var _ = only(operation, "put", PUT);
    Precondition precondition = precondition(operation);
    Duration ttl = ttl(operation.get("ttl"));
    return new Command.Put(key, precondition, value(operation), ttl, guarded);
  }

  private Value value(JsonNode operation) {
    String text = optional(operation, "value");
    String base64 = optional(operation, "base64");
    String type = optional(operation, "contentType");
    if (type != null) {
      refuseType(type);
    }
    if ((text == null) == (base64 == null)) {
      throw malformed("A put has either \"value\" or \"base64\".");
    }
    if (text != null) {
      return new Value(utf8(text), type == null ? TEXT : values.shared(type));
    }
    return new Value(
        decoded(String.valueOf(base64)),
        type == null ? Value.DEFAULT_CONTENT_TYPE : values.shared(type));
  }

  private byte[] utf8(String text) {
    // No character has fewer bytes than one.
    values.refuseLarger(text.length());
    try {
      ByteBuffer encoded = UTF_8.newEncoder().encode(java.nio.CharBuffer.wrap(text));
      values.refuseLarger(encoded.remaining());
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw malformed("The \"value\" holds half of a surrogate pair; send it as \"base64\".");
    }
  }

  private byte[] decoded(String base64) {
    values.refuseLarger(base64.length() / 4L * 3 - 2);
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw malformed("The \"base64\" is none (RFC 4648, section 4).");
    }
    values.refuseLarger(bytes.length);
    return bytes;
  }

  /** What a header can carry back as it is, and nothing else. */
  private static void refuseType(String type) {
    if (type.isEmpty()
        || type.length() > ValueReader.MAX_CONTENT_TYPE
        || !type.equals(type.strip())
        || type.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw malformed(
          "A \"contentType\" is 1 to %d printable characters of ASCII, without blanks around them."
              .formatted(ValueReader.MAX_CONTENT_TYPE));
    }
  }

  private static @Nullable Duration ttl(@Nullable JsonNode ttl) {
    if (ttl == null) {
      return null;
    }
    if (!ttl.isString() && !ttl.isIntegralNumber()) {
      throw malformed("The \"ttl\" must be a string or a whole number of seconds.");
    }
    return Ttl.parse(ttl.asString());
  }

  private static Precondition precondition(JsonNode operation) {
    Versions ifMatch = versions(operation, "ifMatch", false);
    Versions ifNoneMatch = versions(operation, "ifNoneMatch", true);
    return ifMatch == null && ifNoneMatch == null
        ? Precondition.NONE
        : new Precondition(ifMatch, ifNoneMatch, null, null);
  }

  private static @Nullable Versions versions(JsonNode operation, String name, boolean weak) {
    String tags = optional(operation, name);
    return tags == null ? null : Etag.parse(name, Collections.enumeration(List.of(tags)), weak);
  }

  /** The same object, if it has no members but these. */
  static JsonNode only(JsonNode object, String what, Set<String> known) {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        throw malformed("There is no member \"%s\" in a %s.".formatted(clip(name), what));
      }
    }
    return object;
  }

  /** The string of a member that must be there. */
  static String required(JsonNode object, String name) {
    String text = optional(object, name);
    if (text == null) {
      throw malformed("The member \"%s\" is missing.".formatted(name));
    }
    return text;
  }

  /** The string of a member, or null if it is not there. */
  static @Nullable String optional(JsonNode object, String name) {
    JsonNode member = object.get(name);
    if (member == null) {
      return null;
    }
    if (!member.isString()) {
      throw malformed("The member \"%s\" must be a string.".formatted(name));
    }
    return member.asString();
  }

  /** The refusal of JSON that is not what belongs here. */
  static ApiException malformed(String detail) {
    return new ApiException(Problem.INVALID_JSON, detail);
  }

  private static String clip(String text) {
    return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
  }
}
