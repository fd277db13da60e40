package dev.nebulastore.api.answer;

import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Refusal;
import dev.nebulastore.api.error.Refusal.Facts;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Counter;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Turns outcomes other than success into refusals.
 *
 * <p>Threads: immutable.
 */
public final class OutcomeProblems {

  private OutcomeProblems() {}

  /** The refusal of a command. */
  static Refusal of(Outcome outcome, Command command) {
    return of(outcome, command.key(), conditionOf(command));
  }

  /**
   * The refusal of a command.
   *
   * @param condition that of the command, which the detail explains
   */
  public static Refusal of(Outcome outcome, Key key, Precondition condition) {
    return switch (outcome) {
      case Outcome.Absent _ ->
          new Refusal(
              Problem.KEY_NOT_FOUND,
              Facts.of("There is no entry under this key.", key, null),
              null);
      case Outcome.PreconditionFailed(Entry current) ->
          new Refusal(Problem.PRECONDITION_FAILED, current(key, current, condition), null);
      case Outcome.PreconditionRequired(Entry current) ->
          new Refusal(Problem.PRECONDITION_REQUIRED, current(key, current, condition), null);
      case Outcome.NotANumber(Entry current) ->
          new Refusal(
              Problem.NOT_A_NUMBER,
              Facts.of(
                  Counter.of(current.value()).isPresent()
                      ? "The sum does not fit 64 bits."
                      : "The value is not a decimal number within 64 bits.",
                  key,
                  Etag.of(current.revision())),
              null);
      case Outcome.Found _,
          Outcome.NotModified _,
          Outcome.Created _,
          Outcome.Replaced _,
          Outcome.Added _,
          Outcome.Touched _,
          Outcome.Deleted _ ->
          throw new IllegalStateException("Not an outcome of this command: " + outcome);
    };
  }

  /** The refusal of a transaction of which one command was refused. */
  public static Refusal of(TransactionOutcome.Conflict conflict) {
    Refusal alone = of(conflict.refusal(), conflict.command());
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
        new Facts(detail, facts.key(), null, facts.currentEtag(), KvException.Applied.NO),
        null);
  }

  private static Facts current(Key key, @Nullable Entry current, Precondition condition) {
    if (current == null) {
      return Facts.of("There is no entry under this key.", key, null);
    }
    String etag = Etag.of(current.revision());
    String detail = "The entry is at version " + etag + ".";
    if (condition.namesWeakly(current.revision())) {
      detail += " The condition names it as W/" + etag + ", a weak tag, which never matches.";
    }
    return Facts.of(detail, key, etag);
  }

  private static Precondition conditionOf(Command command) {
    return switch (command) {
      case Command.Get get -> get.precondition();
      case Command.Put put -> put.precondition();
      case Command.Add add -> add.precondition();
      case Command.Touch touch -> touch.precondition();
      case Command.Delete delete -> delete.precondition();
      case Command.Expire _ -> Precondition.NONE;
    };
  }
}
