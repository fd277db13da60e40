package dev.nebulastore.kv;

import java.util.List;

/** The result of a {@link Transaction}. */
public sealed interface TransactionOutcome {

  /**
   * It was carried out.
   *
   * @param succeeded whether the conditions held, so that the first list was taken
   * @param results of the list that was taken, command by command
   */
  record Committed(boolean succeeded, List<Outcome> results) implements TransactionOutcome {
    /** Copies the list. */
    public Committed {
      results = List.copyOf(results);
    }
  }

  /**
   * A command of the list that was taken was refused by its own precondition; nothing was changed.
   *
   * @param index the place of that command in its list, from 0
   * @param command the one that was refused
   * @param refusal the outcome of that command alone
   */
  record Conflict(boolean succeeded, int index, Command command, Outcome refusal)
      implements TransactionOutcome {}
}
