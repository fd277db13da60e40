package dev.nebulastore.api.keys;

import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Key;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a deletion by prefix.
 *
 * @param prefix what the keys begin with; empty for all
 * @param dryRun whether keys are only counted
 */
record DeletionQuery(String prefix, boolean dryRun) {

  private static final Set<String> PARAMETERS = Set.of("prefix", "everything", "dry-run");

  /** Parses a raw query; a 400 if it is malformed, or means all keys without saying so. */
  static DeletionQuery of(@Nullable String rawQuery) {
    Map<String, String> given = QueryString.parse(rawQuery, PARAMETERS);
    String prefix = given.get("prefix");
    boolean everything = QueryString.isTrue("everything", given.get("everything"));
    if (prefix == null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "Specify what to delete: ?prefix=p, or ?prefix=&everything=true for all keys.");
    }
    if (prefix.isEmpty() && !everything) {
      throw new ApiException(
          Problem.EVERYTHING_REQUIRED,
          "The prefix is empty, so all keys would be deleted. If that is meant, send"
              + " ?prefix=&everything=true.");
    }
    if (everything && !prefix.isEmpty()) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "everything=true is allowed only with an empty prefix.");
    }
    return new DeletionQuery(
        ListingQuery.bounded("prefix", prefix, Key.MAX_BYTES),
        QueryString.isTrue("dry-run", given.get("dry-run")));
  }
}
