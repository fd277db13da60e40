package dev.nebulastore.api.audit;

import dev.nebulastore.api.answer.OutcomeProblems;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Refusal;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.TransactionOutcome;

/**
 * The status with which an outcome or a failure is answered.
 *
 * <p>Threads: immutable.
 */
final class Status {

  static final int OK = 200;
  private static final int CREATED = 201;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  private Status() {}

  static int of(Outcome outcome, Key key) {
    return switch (outcome) {
      case Outcome.Created _ -> CREATED;
      case Outcome.Replaced _, Outcome.Touched _, Outcome.Deleted _ -> NO_CONTENT;
      case Outcome.Found _ -> OK;
      case Outcome.Added(var _, boolean created) -> created ? CREATED : OK;
      case Outcome.NotModified _ -> NOT_MODIFIED;
      case Outcome.Absent _,
          Outcome.PreconditionFailed _,
          Outcome.PreconditionRequired _,
          Outcome.NotANumber _ ->
          OutcomeProblems.of(outcome, key, Precondition.NONE).problem().status();
    };
  }

  static int of(TransactionOutcome outcome) {
    return switch (outcome) {
      case TransactionOutcome.Committed _ -> OK;
      case TransactionOutcome.Conflict conflict -> OutcomeProblems.of(conflict).problem().status();
    };
  }

  /** That of the failure, or of its cause if it only carries another one. */
  static int of(Exception failure) {
    Refusal refusal = Refusal.of(failure, null);
    if (refusal == null && failure.getCause() instanceof Exception cause) {
      refusal = Refusal.of(cause, null);
    }
    return (refusal == null ? Problem.INTERNAL_ERROR : refusal.problem()).status();
  }
}
