package dev.nebulastore.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the query of a request on a key. The container's own reading is not used: it may take the
 * body for a form.
 *
 * <p>Threads: immutable.
 */
final class Query {

  private Query() {}

  /** The ttl of the query, or null if there is none; a 400 for a second one or anything else. */
  static @Nullable String ttl(@Nullable String rawQuery) {
    String ttl = null;
    if (rawQuery == null || rawQuery.isEmpty()) {
      return ttl;
    }
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!name.equals("ttl")) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "There is no parameter \"" + name + "\" here.");
      }
      if (ttl != null) {
        throw new ApiException(Problem.INVALID_PARAMETER, "The ttl is given twice.");
      }
      ttl = equals < 0 ? "" : decode(pair.substring(equals + 1));
    }
    return ttl;
  }

  /** Refuses any parameter. */
  static void refuseAll(@Nullable String rawQuery) {
    if (ttl(rawQuery) != null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "The parameter \"ttl\" goes with PUT and PATCH.");
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "A percent sign of the query is not followed by two hexadecimal digits.");
    }
  }
}
