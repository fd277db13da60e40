package dev.nebulastore.api.error;

import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.VerificationUnavailable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request, or to one operation of it, that did not succeed. It is the same for a
 * request, a line of a batch and a result of a transaction.
 *
 * @param retryAfter when a retry makes sense, or null if that is not known
 */
public record Refusal(Problem problem, Facts facts, @Nullable Duration retryAfter) {

  /** The details of a problem, each only where it applies. */
  public record Facts(
      String detail,
      @Nullable Key key,
      @Nullable Integer shard,
      @Nullable String currentEtag,
      KvException.@Nullable Applied applied) {

    /** A detail alone. */
    public static Facts of(String detail) {
      return new Facts(detail, null, null, null, null);
    }

    /** A detail about a key and its current version. */
    public static Facts of(String detail, @Nullable Key key, @Nullable String currentEtag) {
      return new Facts(detail, key, null, currentEtag, null);
    }
  }

  private Refusal(Problem problem, Facts facts) {
    this(problem, facts, null);
  }

  /** What an exception means, or null if it is unexpected. */
  public static @Nullable Refusal of(Exception failure, @Nullable Key key) {
    return switch (failure) {
      case ApiException refusal -> {
        Key subject = refusal.key() == null ? key : refusal.key();
        yield new Refusal(refusal.problem(), Facts.of(message(refusal), subject, null));
      }
      case AccessDenied denied ->
          new Refusal(problemOf(denied.kind()), Facts.of(message(denied), key, null));
      case VerificationUnavailable unverified ->
          new Refusal(
              Problem.VERIFICATION_UNAVAILABLE,
              new Facts(message(unverified), key, null, null, KvException.Applied.NO),
              unverified.retryAfter());
      case Overloaded overloaded ->
          new Refusal(
              overloaded.isByCaller() ? Problem.CALLER_LIMIT : Problem.OVERLOADED,
              new Facts(message(overloaded), key, null, null, KvException.Applied.NO),
              overloaded.retryAfter());
      case ShardFailure shardFailure ->
          new Refusal(
              problemOf(shardFailure),
              new Facts(
                  message(shardFailure), key, shardFailure.shard(), null, shardFailure.applied()),
              shardFailure.retryAfter().orElse(null));
      case KvException.TooManyWatchers tooMany ->
          new Refusal(
              problemOf(tooMany), Facts.of(message(tooMany), key, null), tooMany.retryAfter());
      case KvException kvFailure ->
          new Refusal(problemOf(kvFailure), Facts.of(message(kvFailure), key, null));
      default -> null;
    };
  }

  /**
   * The members of the problem detail, in order.
   *
   * @param prefix what clients have to put before a path of this server
   * @param path of the request, as a URI reference, or null if no URI names it
   */
  public Map<String, Object> members(String prefix, @Nullable String path) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", prefix + "/problems/" + problem.code());
    members.put("title", problem.title());
    members.put("status", problem.status());
    members.put("detail", facts.detail());
    if (path != null) {
      members.put("instance", prefix + path);
    }
    if (facts.key() != null) {
      members.put("key", facts.key().toString());
    }
    if (facts.shard() != null && facts.shard() != ShardFailure.NO_SHARD) {
      members.put("shard", facts.shard());
    }
    if (facts.currentEtag() != null) {
      members.put("currentEtag", facts.currentEtag());
    }
    if (facts.applied() != null) {
      members.put("applied", facts.applied().name().toLowerCase(Locale.ROOT));
    }
    return members;
  }

  private static Problem problemOf(AccessDenied.Kind kind) {
    return switch (kind) {
      case TOKEN_REQUIRED -> Problem.TOKEN_REQUIRED;
      case INVALID_TOKEN -> Problem.INVALID_TOKEN;
      case INSUFFICIENT_SCOPE -> Problem.INSUFFICIENT_SCOPE;
      case PROTECTED_MODE -> Problem.PROTECTED_MODE;
      case HOST_NOT_ALLOWED -> Problem.HOST_NOT_ALLOWED;
      case ORIGIN_NOT_ALLOWED -> Problem.ORIGIN_NOT_ALLOWED;
    };
  }

  private static Problem problemOf(KvException failure) {
    return Problem.ofCode(failure.code()).orElse(Problem.INTERNAL_ERROR);
  }

  private static String message(Exception failure) {
    String message = failure.getMessage();
    return message == null ? "" : message;
  }
}
