package dev.nebulastore.api.keys;

import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.codec.Ttl;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a change by prefix.
 *
 * @param prefix what the keys begin with; empty for all
 * @param dryRun whether keys are only counted
 * @param ttl the new time to live; null if the entries are to stay, or are deleted
 */
record PrefixQuery(String prefix, boolean dryRun, @Nullable Duration ttl) {

  private static final Set<String> DELETION = Set.of("prefix", "everything", "dry-run");
  private static final Set<String> TOUCH = Set.of("prefix", "everything", "dry-run", "ttl");

  /** Parses that of a deletion; a 400 if it is malformed, or means all keys without saying so. */
  static PrefixQuery ofDeletion(@Nullable String rawQuery) {
    return of(QueryString.parse(rawQuery, DELETION), "deleted", null);
  }

  /** Parses that of a change of the expiry, likewise. */
  static PrefixQuery ofTouch(@Nullable String rawQuery) {
    Map<String, String> given = QueryString.parse(rawQuery, TOUCH);
    String ttl = given.get("ttl");
    if (ttl == null) {
      throw new ApiException(
          Problem.INVALID_TTL, "PATCH changes the expiry: add ttl=5m or ttl=none.");
    }
    return of(given, "changed", Ttl.parseOrNone(ttl));
  }

  private static PrefixQuery of(Map<String, String> given, String done, @Nullable Duration ttl) {
    String prefix = given.get("prefix");
    boolean everything = QueryString.isTrue("everything", given.get("everything"));
    if (prefix == null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "Specify the keys: ?prefix=p, or ?prefix=&everything=true for all keys.");
    }
    if (prefix.isEmpty() && !everything) {
      throw new ApiException(
          Problem.EVERYTHING_REQUIRED,
          "The prefix is empty, so all keys would be %s. If that is meant, send".formatted(done)
              + " ?prefix=&everything=true.");
    }
    if (everything && !prefix.isEmpty()) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "everything=true is allowed only with an empty prefix.");
    }
    return new PrefixQuery(
        ListingQuery.bounded("prefix", prefix, Key.MAX_BYTES),
        QueryString.isTrue("dry-run", given.get("dry-run")),
        ttl);
  }
}
