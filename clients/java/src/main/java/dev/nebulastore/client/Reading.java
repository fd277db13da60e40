package dev.nebulastore.client;

/** The result of a read with a {@link Condition}. */
public sealed interface Reading {

  /** There is an entry, and the condition holds. */
  record Found(Entry entry) implements Reading {}

  /** The entry is still at a version that the caller has. */
  record Unchanged() implements Reading {}

  /** There is no such key. */
  record Absent() implements Reading {}
}
