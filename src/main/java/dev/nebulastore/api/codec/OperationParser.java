package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Counter;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Value;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Parses one operation of a batch or a transaction: a JSON object becomes a {@link Command}. A
 * member that is unknown, given twice or of another type is refused before its value is read.
 *
 * <p>Threads: immutable.
 */
public final class OperationParser {

  /** The default media type of a {@code value}, which is text in UTF-8. */
  static final String TEXT = "text/plain;charset=utf-8";

  private static final Set<String> WITH_TTL = Set.of("put", "touch", "add");
  private static final Set<String> WITH_AMOUNT = Set.of("add");

  /** The most bytes of everything but the value, in its longest spelling. */
  private static final int BESIDE_VALUE = 64 * 1_024;

  /** A byte of text may be spelled {@code \}{@code u0001}. */
  private static final int SPELLING = 6;

  private static final Precondition IF_ABSENT =
      new Precondition(null, Versions.Any.ANY, null, null);

  private final ValueReader values;
  private final boolean guarded;
  private final InstantSource clock;
  private final StrictJson json;

  /**
   * Creates a parser with these limits.
   *
   * @param clock the time of clients, as in {@link ClientTime}
   */
  public OperationParser(RequestLimits limits, InstantSource clock) {
    this.clock = clock;
    this.values = new ValueReader(limits.valueSize());
    this.guarded = limits.requirePreconditions();
    this.json = new StrictJson(maxLength());
  }

  /** The most bytes of an operation: enough for the largest value in its longest spelling. */
  public int maxLength() {
    return SPELLING * values.maxSize() + BESIDE_VALUE;
  }

  /** The reader of JSON that contains operations. */
  public StrictJson json() {
    return json;
  }

  /**
   * Parses bytes.
   *
   * @throws ApiException if they are no operation; it has the key, if one was read by then
   * @throws dev.nebulastore.kv.KvException.InvalidKey if the key is invalid
   */
  public Command read(byte[] bytes, int from, int length) {
    return json.read(bytes, from, length, this::read);
  }

  /**
   * Parses an operation whose first token is the current one.
   *
   * @throws ApiException if it is malformed; it has the key, if one was read by then
   * @throws dev.nebulastore.kv.KvException.InvalidKey if the key is invalid
   */
  public Command read(JsonParser parser) {
    Members members = new Members();
    try {
      StrictJson.object(parser, "An operation", members);
      return members.command();
    } catch (ApiException e) {
      throw members.key == null ? e : e.about(members.key);
    }
  }

  /** The members of an operation that were read so far. */
  private final class Members implements StrictJson.Member {
    private @Nullable String op;
    private @Nullable Key key;
    private @Nullable String ifMatch;
    private @Nullable String ifNoneMatch;
    private byte @Nullable [] text;
    private byte @Nullable [] bytes;
    private @Nullable String contentType;
    private @Nullable String ttl;
    private @Nullable Long amount;
    private @Nullable String expires;

    /** A member that only a put may have, read before the op. */
    private @Nullable String onlyInPut;

    @Override
    public void read(JsonParser parser, String name) {
      switch (name) {
        case "op" -> op = known(StrictJson.string(parser, name));
        case "key" -> key = Key.of(StrictJson.string(parser, name));
        case "ifMatch" -> ifMatch = StrictJson.string(parser, name);
        case "ifNoneMatch" -> ifNoneMatch = StrictJson.string(parser, name);
        case "value" -> text = utf8(StrictJson.string(parser, putHas(name)));
        case "base64" -> bytes = decoded(StrictJson.string(parser, putHas(name)));
        case "contentType" -> contentType = mediaType(StrictJson.string(parser, putHas(name)));
        case "ttl" -> ttl = timeToLive(parser, onlyIn(WITH_TTL, name));
        case "expires" -> expires = StrictJson.string(parser, putHas(name));
        case "add" -> amount = amount(parser, onlyIn(WITH_AMOUNT, name));
        default -> throw StrictJson.unknown(name, op == null ? "an operation" : a(op));
      }
    }

    private String putHas(String name) {
      if (op != null && !op.equals("put")) {
        throw StrictJson.unknown(name, a(op));
      }
      onlyInPut = name;
      return name;
    }

    /** Refuses the member if the op, which may follow, has none. */
    private String onlyIn(Set<String> ops, String name) {
      if (op != null && !ops.contains(op)) {
        throw StrictJson.unknown(name, a(op));
      }
      return name;
    }

    private Command command() {
      if (op == null || key == null) {
        throw StrictJson.malformed(
            "The member \"%s\" is missing.".formatted(op == null ? "op" : "key"));
      }
      if (onlyInPut != null && !op.equals("put")) {
        throw StrictJson.unknown(onlyInPut, a(op));
      }
      if (ttl != null) {
        var _ = onlyIn(WITH_TTL, "ttl");
      }
      if (amount != null) {
        var _ = onlyIn(WITH_AMOUNT, "add");
      }
      Precondition precondition = precondition();
      return switch (op) {
        case "get" -> new Command.Get(key, precondition);
        case "delete" -> new Command.Delete(key, precondition);
        case "touch" -> touch(key, precondition);
        case "add" -> add(key, precondition);
        default -> put(key, precondition);
      };
    }

    private Command put(Key key, Precondition precondition) {
      Value value = value();
      if (expires == null) {
        Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
        return new Command.Put(key, precondition, value, timeToLive, guarded);
      }
      if (ttl != null) {
        throw StrictJson.malformed("A put has \"ttl\" or \"expires\", not both.");
      }
      Duration left = Ttl.until(expires, clock.instant());
      if (left != null) {
        return new Command.Put(key, precondition, value, left, guarded);
      }
      // What has expired is absent. A delete needs no condition, but what it stands for may.
      return new Command.Delete(
          key, guarded && !precondition.guardsWrites() ? IF_ABSENT : precondition);
    }

    private Command touch(Key touched, Precondition precondition) {
      if (ttl == null) {
        throw StrictJson.malformed("A touch has a \"ttl\", such as \"5m\" or \"none\".");
      }
      return new Command.Touch(touched, precondition, Ttl.parseOrNone(ttl));
    }

    private Command add(Key counter, Precondition precondition) {
      if (amount == null) {
        throw StrictJson.malformed("The member \"add\" is missing.");
      }
      Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
      return new Command.Add(counter, precondition, amount, timeToLive);
    }

    private Value value() {
      if (text != null && bytes == null) {
        return new Value(text, contentType == null ? TEXT : contentType);
      }
      if (bytes != null && text == null) {
        return new Value(bytes, contentType == null ? Value.DEFAULT_CONTENT_TYPE : contentType);
      }
      throw StrictJson.malformed("A put has either \"value\" or \"base64\".");
    }

    private Precondition precondition() {
      return ifMatch == null && ifNoneMatch == null
          ? Precondition.NONE
          : new Precondition(
              versions("ifMatch", ifMatch, false),
              versions("ifNoneMatch", ifNoneMatch, true),
              null,
              null);
    }
  }

  /** An op with its article. */
  private static String a(String op) {
    return (op.equals("add") ? "an " : "a ") + op;
  }

  private static String known(String op) {
    return switch (op) {
      case "put", "get", "delete", "touch", "add" -> op;
      default ->
          throw StrictJson.malformed(
              "The operation \"%s\" is unknown. Use put, get, delete, touch or add."
                  .formatted(StrictJson.clip(op)));
    };
  }

  private static @Nullable Versions versions(String name, @Nullable String tags, boolean weak) {
    return tags == null ? null : Etag.parse(name, Collections.enumeration(List.of(tags)), weak);
  }

  private byte[] utf8(String text) {
    // Each character has at least one byte.
    values.refuseLarger(text.length());
    if (hasHalfOfPair(text)) {
      throw StrictJson.malformed(
          "The \"value\" contains half of a surrogate pair. Send it as \"base64\".");
    }
    byte[] bytes = text.getBytes(UTF_8);
    values.refuseLarger(bytes.length);
    return bytes;
  }

  /** Whether the text has an unpaired surrogate, which UTF-8 can't encode. */
  private static boolean hasHalfOfPair(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private byte[] decoded(String base64) {
    values.refuseLarger(base64.length() / 4L * 3 - 2);
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw StrictJson.malformed("The \"base64\" is invalid (RFC 4648, section 4).");
    }
    values.refuseLarger(bytes.length);
    return bytes;
  }

  /** A media type that a header can return unchanged, with other letters than ASCII as UTF-8. */
  private String mediaType(String shown) {
    String type = hasHalfOfPair(shown) ? "" : ValueJson.storedType(shown);
    if (type.isEmpty()
        || type.length() > ValueReader.MAX_CONTENT_TYPE
        || isBlank(type.charAt(0))
        || isBlank(type.charAt(type.length() - 1))
        || type.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
      throw StrictJson.malformed(
          "A \"contentType\" has 1 to %d bytes without control characters and surrounding blanks."
              .formatted(ValueReader.MAX_CONTENT_TYPE));
    }
    return values.shared(type);
  }

  private static long amount(JsonParser parser, String name) {
    OptionalLong amount =
        parser.nextToken() == JsonToken.VALUE_NUMBER_INT
            ? Counter.parse(parser.getString())
            : OptionalLong.empty();
    return amount.orElseThrow(() ->
        StrictJson.malformed(
            "The member \"%s\" must be a whole number within 64 bits.".formatted(name)));
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static String timeToLive(JsonParser parser, String name) {
    JsonToken token = parser.nextToken();
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      throw StrictJson.malformed(
          "The \"%s\" must be a string or a whole number of seconds.".formatted(name));
    }
    return parser.getString();
  }
}
