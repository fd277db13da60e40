package dev.nebulastore.history;

/** The result of a checker for a history. */
public enum Verdict {
  /** Some order of the operations explains every response. */
  HOLDS,
  /** No order does. */
  BROKEN,
  /** The search was stopped at its limit: nothing is known. */
  UNDECIDED
}
