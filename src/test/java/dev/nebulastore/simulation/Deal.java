package dev.nebulastore.simulation;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.TransactionOutcome.Conflict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transaction in the simplified model of the simulation.
 *
 * @param key the key of the condition
 * @param expected the entry that the key must have; null if the key must be absent
 */
record Deal(int key, @Nullable Entry expected, List<Act> then, List<Act> otherwise) {

  Transaction transaction() {
    Entry entry = expected;
    Precondition condition =
        entry == null
            ? new Precondition(null, Versions.Any.ANY, null, null)
            : new Precondition(new Versions.OneOf(Set.of(entry.revision())), null, null, null);
    return new Transaction(
        List.of(new Transaction.Condition(Act.name(key), condition)),
        then.stream().map(Act::command).toList(),
        otherwise.stream().map(Act::command).toList());
  }

  private boolean holds(List<Long> state) {
    return state.get(key) == Act.valueOf(expected);
  }

  private List<Act> taken(List<Long> state) {
    return holds(state) ? then : otherwise;
  }

  /** The state after the transaction, whatever its response. */
  Optional<List<Long>> after(List<Long> before) {
    List<Long> state = before;
    for (Act act : taken(before)) {
      if (act.isRefused(state)) {
        return Optional.of(before);
      }
      state = act.after(state);
    }
    return Optional.of(state);
  }

  /** The state after the transaction; empty if this outcome is impossible. */
  Optional<List<Long>> after(List<Long> before, TransactionOutcome outcome) {
    List<Act> taken = taken(before);
    boolean succeeded = holds(before);
    return switch (outcome) {
      case Committed(boolean said, List<Outcome> results) ->
          said == succeeded ? after(before, taken, results) : Optional.empty();
      case Conflict conflict ->
          conflict.succeeded() == succeeded && isRefused(before, taken, conflict)
              ? Optional.of(before)
              : Optional.empty();
    };
  }

  private static Optional<List<Long>> after(
      List<Long> before, List<Act> acts, List<Outcome> results) {
    List<Long> state = before;
    for (int i = 0; i < acts.size(); i++) {
      Act act = acts.get(i);
      if (act.isRefused(state) || !act.isAnsweredBy(results.get(i), state)) {
        return Optional.empty();
      }
      state = act.after(state);
    }
    return Optional.of(state);
  }

  private static boolean isRefused(List<Long> before, List<Act> acts, Conflict conflict) {
    List<Long> state = before;
    for (Act act : acts.subList(0, conflict.index())) {
      if (act.isRefused(state)) {
        return false;
      }
      state = act.after(state);
    }
    Act last = acts.get(conflict.index());
    return last.isRefused(state) && last.isAnsweredBy(conflict.refusal(), state);
  }
}
