package dev.nebulastore.api;

import dev.nebulastore.api.Problems.Facts;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.TransactionOutcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request, or one operation of it, is answered with instead of success: the same whether it
 * is the answer to a request, a line of a batch or a result of a transaction.
 *
 * @param retryAfter when it makes sense to try again, where that is known
 */
record Refusal(Problem problem, Facts facts, @Nullable Duration retryAfter) {

  private Refusal(Problem problem, Facts facts) {
    this(problem, facts, null);
  }

  /** What an exception means, or null if nobody foresaw it. */
  static @Nullable Refusal of(Exception failure, @Nullable Key key) {
    return switch (failure) {
      case ApiException refusal -> {
        Key subject = refusal.key() == null ? key : refusal.key();
        yield new Refusal(refusal.problem(), Facts.of(message(refusal), subject, null));
      }
      case Overloaded overloaded ->
          new Refusal(
              Problem.OVERLOADED,
              new Facts(message(overloaded), key, null, null, KvException.Applied.NO),
              Overloaded.RETRY_AFTER);
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

  /** What an outcome means that is no success. */
  static Refusal of(Outcome outcome, Key key) {
    return switch (outcome) {
      case Outcome.Absent _ ->
          new Refusal(
              Problem.KEY_NOT_FOUND, Facts.of("There is no entry under this key.", key, null));
      case Outcome.PreconditionFailed(Entry current) ->
          new Refusal(Problem.PRECONDITION_FAILED, current(key, current));
      case Outcome.PreconditionRequired(Entry current) ->
          new Refusal(Problem.PRECONDITION_REQUIRED, current(key, current));
      case Outcome.Found _,
          Outcome.NotModified _,
          Outcome.Created _,
          Outcome.Replaced _,
          Outcome.Touched _,
          Outcome.Deleted _ ->
          throw new IllegalStateException("Not an outcome of this command: " + outcome);
    };
  }

  /** What a transaction is answered with that one of its commands made void. */
  static Refusal of(TransactionOutcome.Conflict conflict) {
    Refusal alone = of(conflict.refusal(), conflict.command().key());
    if (alone.problem() == Problem.PRECONDITION_REQUIRED) {
      return alone;
    }
    String detail =
        "%s[%d] was refused, so nothing was changed. %s"
            .formatted(
                conflict.succeeded() ? "then" : "else", conflict.index(), alone.facts().detail());
    Facts facts = alone.facts();
    return new Refusal(
        Problem.TXN_CONFLICT,
        new Facts(detail, facts.key(), null, facts.currentEtag(), KvException.Applied.NO));
  }

  private static Facts current(Key key, @Nullable Entry current) {
    if (current == null) {
      return Facts.of("There is no entry under this key.", key, null);
    }
    String etag = Etag.of(current.revision());
    return Facts.of("The entry is at version " + etag + ".", key, etag);
  }

  /** The members of the problem, in their order. */
  Map<String, Object> members(String instance) {
    return members(instance, problem, facts);
  }

  static Map<String, Object> members(String instance, Problem problem, Facts facts) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "/problems/" + problem.code());
    members.put("title", problem.title());
    members.put("status", problem.status());
    members.put("detail", facts.detail());
    members.put("instance", instance);
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

  private static Problem problemOf(KvException failure) {
    return Problem.ofCode(failure.code()).orElse(Problem.INTERNAL_ERROR);
  }

  private static String message(Exception failure) {
    String message = failure.getMessage();
    return message == null ? "" : message;
  }
}
