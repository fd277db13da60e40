package dev.nebulastore.kv;

import org.jspecify.annotations.Nullable;

/** The result of a {@link Command}. Failures are no outcomes: they are {@link KvException}s. */
public sealed interface Outcome {

  /** The entry whose value it shows, if that was not read; else null. */
  default @Nullable Entry unread() {
    Entry shown =
        switch (this) {
          case Found(Entry entry) -> entry;
          case Touched(Entry entry) -> entry;
          case NotModified _,
              Absent _,
              Created _,
              Replaced _,
              Added _,
              NotANumber _,
              Deleted _,
              PreconditionFailed _,
              PreconditionRequired _ ->
              null;
        };
    return shown == null || shown.value().isRead() ? null : shown;
  }

  /** A read found the entry. */
  record Found(Entry entry) implements Outcome {}

  /** A read found the version that the caller has already. */
  record NotModified(Entry entry) implements Outcome {}

  /** There is no such entry. */
  record Absent() implements Outcome {}

  /** A write made the entry. */
  record Created(Entry entry) implements Outcome {}

  /** A write took the place of an older version. */
  record Replaced(Entry entry) implements Outcome {}

  /** The expiry was changed. */
  record Touched(Entry entry) implements Outcome {}

  /**
   * The sum was written, and is the value of the entry.
   *
   * @param created whether there was no entry before
   */
  record Added(Entry entry, boolean created) implements Outcome {}

  /**
   * The value is no number, or the sum would not fit 64 bits ({@link Counter}); nothing was
   * changed.
   */
  record NotANumber(Entry current) implements Outcome {}

  /** There is no such entry any more; {@code existed} tells whether there was one. */
  record Deleted(boolean existed) implements Outcome {}

  /** The condition does not hold; nothing was changed. */
  record PreconditionFailed(@Nullable Entry current) implements Outcome {}

  /** An overwrite came without a condition where one is required; nothing was changed. */
  record PreconditionRequired(Entry current) implements Outcome {}
}
