package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the query of a request. The container's own reading is not used: it may take the body for a
 * form.
 *
 * <p>Threads: immutable.
 */
final class QueryString {

  private static final Set<String> TTL = Set.of("ttl");

  private QueryString() {}

  /** The ttl of the query, or null if there is none; a 400 for a second one or anything else. */
  static @Nullable String ttl(@Nullable String rawQuery) {
    return rawQuery == null ? null : parse(rawQuery, TTL).get("ttl");
  }

  /** Refuses any parameter. */
  static void refuseAll(@Nullable String rawQuery) {
    if (ttl(rawQuery) != null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "The parameter \"ttl\" goes with PUT and PATCH.");
    }
  }

  /** The parameters of a query; a 400 for one that is not known here or is given twice. */
  static Map<String, String> parse(@Nullable String rawQuery, Set<String> known) {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return Map.of();
    }
    Map<String, String> parameters = new HashMap<>();
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "There is no parameter \"" + name + "\" here.");
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "The parameter \"" + name + "\" is given twice.");
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    try {
      byte[] utf8 = URLDecoder.decode(text, ISO_8859_1).getBytes(ISO_8859_1);
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "A percent sign of the query is not followed by two hexadecimal digits.");
    } catch (CharacterCodingException e) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "A part of the query is not percent-encoded UTF-8.");
    }
  }
}
