package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses the query of a request. The container's own parser is not used, since it may parse the
 * body as a form.
 *
 * <p>Threads: immutable.
 */
public final class QueryString {

  private static final Set<String> TTL = Set.of("ttl");

  private QueryString() {}

  /** The ttl of the query, or null; a 400 for a second one or any other parameter. */
  public static @Nullable String ttl(@Nullable String rawQuery) {
    List<String> ttl = parse(rawQuery, TTL, Set.of()).get("ttl");
    return ttl == null ? null : ttl.getFirst();
  }

  /** Refuses any parameter. */
  public static void refuseAll(@Nullable String rawQuery) {
    if (ttl(rawQuery) != null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "The parameter \"ttl\" is only allowed with PUT, POST and PATCH.");
    }
  }

  /**
   * The parameters of a query; a 400 for one that is unknown or given twice. Clients that build a
   * query from parts leave empty ones, as in {@code ttl=5s&}, which mean nothing.
   */
  public static Map<String, String> parse(@Nullable String rawQuery, Set<String> known) {
    Map<String, String> parameters = new HashMap<>();
    parse(rawQuery, known, Set.of()).forEach((name, all) -> parameters.put(name, all.getFirst()));
    return parameters;
  }

  /**
   * The parameters of a query, each with its values in order; a 400 for one that is unknown.
   *
   * @param repeated which may be given more than once
   */
  public static Map<String, List<String>> parse(
      @Nullable String rawQuery, Set<String> known, Set<String> repeated) {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return Map.of();
    }
    Map<String, List<String>> parameters = new HashMap<>();
    for (String pair : rawQuery.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "The parameter \"" + name + "\" is unknown.");
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      List<String> values = parameters.computeIfAbsent(name, _ -> new ArrayList<>());
      values.add(value);
      if (values.size() > 1 && !repeated.contains(name)) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "The parameter \"" + name + "\" is given twice.");
      }
    }
    return parameters;
  }

  /** Whether a parameter that may be missing is true; a 400 if it is neither true nor false. */
  public static boolean isTrue(String name, @Nullable String value) {
    return switch (value) {
      case null -> false;
      case "false" -> false;
      case "true" -> true;
      default ->
          throw new ApiException(
              Problem.INVALID_PARAMETER, "The parameter \"" + name + "\" is true or false.");
    };
  }

  private static String decode(String text) {
    try {
      byte[] utf8 = URLDecoder.decode(text, ISO_8859_1).getBytes(ISO_8859_1);
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "A percent sign in the query is not followed by two hexadecimal digits.");
    } catch (CharacterCodingException e) {
      throw new ApiException(Problem.INVALID_PARAMETER, "The query is not percent-encoded UTF-8.");
    }
  }
}
