package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a listing.
 *
 * @param prefix what the keys begin with; empty for all
 * @param delimiter what groups keys; empty for no groups
 * @param limit the most keys and groups, or null if none was given
 * @param cursor the cursor as it was sent, or null to begin
 * @param values whether entries have their values
 * @param count whether keys are only counted
 */
record ListingQuery(
    String prefix,
    String delimiter,
    @Nullable Integer limit,
    @Nullable String cursor,
    boolean values,
    boolean count) {

  static final int MAX_LIMIT = 1_000;

  /** So that a cursor and what goes with it fit into a request line. */
  private static final int MAX_DELIMITER = 256;

  private static final Set<String> PARAMETERS =
      Set.of("prefix", "delimiter", "limit", "cursor", "values", "count");

  /** What says nothing about a count. */
  private static final List<String> NOT_WITH_COUNT = List.of("delimiter", "limit", "values");

  /** Parses a raw query; a 400 if it is malformed. */
  static ListingQuery of(@Nullable String rawQuery) {
    Map<String, String> given = QueryString.parse(rawQuery, PARAMETERS);
    String delimiter = given.get("delimiter");
    if (delimiter != null && delimiter.isEmpty()) {
      throw new ApiException(Problem.INVALID_PARAMETER, "The delimiter must not be empty.");
    }
    boolean count = QueryString.isTrue("count", given.get("count"));
    for (String other : NOT_WITH_COUNT) {
      if (count && given.containsKey(other)) {
        throw new ApiException(
            Problem.INVALID_PARAMETER, "count=true can't be used with the " + other + ".");
      }
    }
    return new ListingQuery(
        bounded("prefix", given.getOrDefault("prefix", ""), Key.MAX_BYTES),
        bounded("delimiter", delimiter == null ? "" : delimiter, MAX_DELIMITER),
        limit(given.get("limit")),
        given.get("cursor"),
        QueryString.isTrue("values", given.get("values")),
        count);
  }

  static String bounded(String name, String text, int max) {
    if (text.getBytes(UTF_8).length > max) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "The %s has more than %d bytes.".formatted(name, max));
    }
    return text;
  }

  private static @Nullable Integer limit(@Nullable String limit) {
    if (limit == null) {
      return null;
    }
    boolean number =
        !limit.isEmpty() && limit.length() <= 4 && limit.chars().allMatch(ListingQuery::isDigit);
    int value = number ? Integer.parseInt(limit) : 0;
    if (value < 1 || value > MAX_LIMIT) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "The limit must be a whole number from 1 to " + MAX_LIMIT + ".");
    }
    return value;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /**
   * The Link header to the next page of the same listing.
   *
   * @param base what clients have to put before a path of this server
   */
  String linkTo(String base, String next) {
    StringBuilder target =
        new StringBuilder(base)
            .append(AllowedMethods.KEYS)
            .append("?prefix=")
            .append(encoded(prefix));
    if (!delimiter.isEmpty()) {
      target.append("&delimiter=").append(encoded(delimiter));
    }
    if (limit != null) {
      target.append("&limit=").append(limit);
    }
    if (values) {
      target.append("&values=true");
    }
    if (count) {
      target.append("&count=true");
    }
    return "<" + target.append("&cursor=").append(next) + ">; rel=\"next\"";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("*", "%2A");
  }
}
