package dev.nebulastore.simulation;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Value;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command in the simplified model of the simulation. Keys and values are small numbers, and the
 * state of all keys is one number. Each value is written at most once, so it identifies a version
 * of its key.
 *
 * @param key 0 to 7
 * @param value the value to write, 1 to 255; for a deletion or a read, only an identifier
 * @param expected the entry that the key must have, if the kind requires one; null for any entry
 */
record Act(Kind kind, int key, int value, @Nullable Entry expected) {

  static final int MAX_KEYS = 8;
  static final int MAX_VALUE = 255;

  private static final int BITS = 8;

  /** The kind of a command. */
  enum Kind {
    GET,
    PUT,
    CREATE,
    SWAP,
    DELETE,
    DELETE_IF
  }

  /** The kind of a response, which {@link Said} combines with the value in it. */
  private enum Verb {
    FOUND,
    CREATED,
    REPLACED,
    DELETED,
    REFUSED,
    NOTHING_TO_BE_SAID
  }

  private record Said(Verb verb, int value) {}

  static Key name(int key) {
    return Key.of("k" + key);
  }

  static int numberOf(Key key) {
    return key.utf8()[1] - '0';
  }

  static int valueOf(@Nullable Entry entry) {
    return entry == null ? 0 : Byte.toUnsignedInt(entry.value().bytes()[0]);
  }

  /** The value of a key in a state; 0 if the key is absent. */
  static int at(long state, int key) {
    return (int) (state >>> (key * BITS)) & MAX_VALUE;
  }

  static long with(long state, int key, int value) {
    return (state & ~((long) MAX_VALUE << (key * BITS))) | ((long) value << (key * BITS));
  }

  Command command() {
    Key name = name(key);
    Value written = new Value(new byte[] {(byte) value}, "x");
    return switch (kind) {
      case GET -> new Command.Get(name, Precondition.NONE);
      case PUT -> new Command.Put(name, Precondition.NONE, written, null, false);
      case CREATE ->
          new Command.Put(
              name, new Precondition(null, Versions.Any.ANY, null, null), written, null, false);
      case SWAP -> new Command.Put(name, same(), written, null, false);
      case DELETE -> new Command.Delete(name, Precondition.NONE);
      case DELETE_IF -> new Command.Delete(name, same());
    };
  }

  /** Requires that the key has the expected entry, or any entry if none is expected. */
  private Precondition same() {
    Entry entry = expected;
    return new Precondition(
        entry == null ? Versions.Any.ANY : new Versions.OneOf(Set.of(entry.revision())),
        null,
        null,
        null);
  }

  private boolean holds(int current) {
    return switch (kind) {
      case GET, PUT, DELETE -> true;
      case CREATE -> current == 0;
      case SWAP, DELETE_IF -> expected == null ? current != 0 : current == valueOf(expected);
    };
  }

  boolean writes() {
    return kind != Kind.GET;
  }

  /** The state after the command. */
  long after(long state) {
    if (!holds(at(state, key))) {
      return state;
    }
    return switch (kind) {
      case GET -> state;
      case PUT, CREATE, SWAP -> with(state, key, value);
      case DELETE, DELETE_IF -> with(state, key, 0);
    };
  }

  /** Whether the command is refused in this state. */
  boolean isRefused(long state) {
    return !holds(at(state, key));
  }

  /** Whether this outcome is the correct response to the command in this state. */
  boolean isAnsweredBy(Outcome outcome, long state) {
    return expectedAnswer(at(state, key)).equals(said(outcome));
  }

  private Said expectedAnswer(int current) {
    if (!holds(current)) {
      return new Said(Verb.REFUSED, current);
    }
    return switch (kind) {
      case GET -> new Said(Verb.FOUND, current);
      case PUT, CREATE, SWAP -> new Said(current == 0 ? Verb.CREATED : Verb.REPLACED, value);
      case DELETE, DELETE_IF -> new Said(Verb.DELETED, current == 0 ? 0 : 1);
    };
  }

  private static Said said(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Found(Entry entry) -> new Said(Verb.FOUND, valueOf(entry));
      case Outcome.Absent _ -> new Said(Verb.FOUND, 0);
      case Outcome.Created(Entry entry) -> new Said(Verb.CREATED, valueOf(entry));
      case Outcome.Replaced(Entry entry) -> new Said(Verb.REPLACED, valueOf(entry));
      case Outcome.Deleted(boolean existed) -> new Said(Verb.DELETED, existed ? 1 : 0);
      case Outcome.PreconditionFailed(Entry current) -> new Said(Verb.REFUSED, valueOf(current));
      case Outcome.NotModified _, Outcome.Touched _, Outcome.PreconditionRequired _ ->
          new Said(Verb.NOTHING_TO_BE_SAID, 0);
    };
  }

  /** The entry of the key that an outcome contains; null if it contains none. */
  static @Nullable Entry shown(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Found(Entry entry) -> entry;
      case Outcome.Created(Entry entry) -> entry;
      case Outcome.Replaced(Entry entry) -> entry;
      case Outcome.PreconditionFailed(Entry current) -> current;
      case Outcome.Absent _,
          Outcome.Deleted _,
          Outcome.NotModified _,
          Outcome.Touched _,
          Outcome.PreconditionRequired _ ->
          null;
    };
  }

  /** An outcome as a short text. */
  static String text(Outcome outcome) {
    Entry shown = shown(outcome);
    return outcome.getClass().getSimpleName()
        + (shown == null ? "" : " " + valueOf(shown) + "@" + shown.revision().number());
  }

  @Override
  public String toString() {
    return kind + " k" + key + " " + value + (expected == null ? "" : " if " + valueOf(expected));
  }
}
