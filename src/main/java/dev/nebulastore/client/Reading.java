package dev.nebulastore.client;

/** What a read under a {@link Condition} found. */
public sealed interface Reading {

  /** There is an entry, and the condition lets it through. */
  record Found(Entry entry) implements Reading {}

  /** The entry is still at the version that the reader has. */
  record Unchanged() implements Reading {}

  /** There is no such key. */
  record Absent() implements Reading {}
}
