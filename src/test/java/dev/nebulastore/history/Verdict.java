package dev.nebulastore.history;

/** What a checker says of a history. */
public enum Verdict {
  /** Some order of its operations explains every answer. */
  HOLDS,
  /** No order does. */
  BROKEN,
  /** The search was given up at its bound: nothing is known. */
  UNDECIDED
}
