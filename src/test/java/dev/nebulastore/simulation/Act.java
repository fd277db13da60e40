package dev.nebulastore.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command in the simplified model of the simulation. Values are numbers, and the state is the
 * value of each key. Each value is put at most once, and sums are as good as random, so a value
 * identifies a version of its key.
 *
 * @param key 0 to 3
 * @param value the value to write, from 1; what is added follows from it; for a deletion or a read,
 *     only an identifier
 * @param expected the entry that the key must have, if the kind requires one; null for any entry
 */
record Act(Kind kind, int key, int value, @Nullable Entry expected) {

  static final int MAX_KEYS = 4;

  /** The state at the beginning: all keys are absent. */
  static final List<Long> NOTHING = Collections.nCopies(MAX_KEYS, 0L);

  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;
  private static final int AMOUNT_BITS = 48;

  /** The kind of a command. */
  enum Kind {
    GET,
    PUT,
    CREATE,
    SWAP,
    ADD,
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

  private record Said(Verb verb, long value) {}

  static Key name(int key) {
    return Key.of("k" + key);
  }

  static int numberOf(Key key) {
    return key.utf8()[1] - '0';
  }

  static long valueOf(@Nullable Entry entry) {
    return entry == null ? 0 : Long.parseLong(new String(entry.value().bytes(), US_ASCII));
  }

  private static List<Long> with(List<Long> state, int key, long value) {
    List<Long> copy = new ArrayList<>(state);
    copy.set(key, value);
    return List.copyOf(copy);
  }

  /** What an addition adds: no two sums of amounts are equal, but by a very unlikely chance. */
  private long amount() {
    return (value * SPREAD) >>> (Long.SIZE - AMOUNT_BITS);
  }

  Command command() {
    Key name = name(key);
    Value written = new Value(Integer.toString(value).getBytes(US_ASCII), "x");
    return switch (kind) {
      case GET -> new Command.Get(name, Precondition.NONE);
      case PUT -> new Command.Put(name, Precondition.NONE, written, null, false);
      case CREATE ->
          new Command.Put(
              name, new Precondition(null, Versions.Any.ANY, null, null), written, null, false);
      case SWAP -> new Command.Put(name, same(), written, null, false);
      case ADD -> new Command.Add(name, Precondition.NONE, amount(), null);
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

  private boolean holds(long current) {
    return switch (kind) {
      case GET, PUT, ADD, DELETE -> true;
      case CREATE -> current == 0;
      case SWAP, DELETE_IF -> expected == null ? current != 0 : current == valueOf(expected);
    };
  }

  boolean writes() {
    return kind != Kind.GET;
  }

  /** The state after the command. */
  List<Long> after(List<Long> state) {
    if (!holds(state.get(key))) {
      return state;
    }
    return switch (kind) {
      case GET -> state;
      case PUT, CREATE, SWAP -> with(state, key, value);
      case ADD -> with(state, key, state.get(key) + amount());
      case DELETE, DELETE_IF -> with(state, key, 0);
    };
  }

  /** Whether the command is refused in this state. */
  boolean isRefused(List<Long> state) {
    return !holds(state.get(key));
  }

  /** Whether this outcome is the correct response to the command in this state. */
  boolean isAnsweredBy(Outcome outcome, List<Long> state) {
    return expectedAnswer(state.get(key)).equals(said(outcome));
  }

  private Said expectedAnswer(long current) {
    if (!holds(current)) {
      return new Said(Verb.REFUSED, current);
    }
    return switch (kind) {
      case GET -> new Said(Verb.FOUND, current);
      case PUT, CREATE, SWAP -> new Said(current == 0 ? Verb.CREATED : Verb.REPLACED, value);
      case ADD -> new Said(current == 0 ? Verb.CREATED : Verb.REPLACED, current + amount());
      case DELETE, DELETE_IF -> new Said(Verb.DELETED, current == 0 ? 0 : 1);
    };
  }

  private static Said said(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Found(Entry entry) -> new Said(Verb.FOUND, valueOf(entry));
      case Outcome.Absent _ -> new Said(Verb.FOUND, 0);
      case Outcome.Created(Entry entry) -> new Said(Verb.CREATED, valueOf(entry));
      case Outcome.Replaced(Entry entry) -> new Said(Verb.REPLACED, valueOf(entry));
      case Outcome.Added(Entry entry, boolean created) ->
          new Said(created ? Verb.CREATED : Verb.REPLACED, valueOf(entry));
      case Outcome.Deleted(boolean existed) -> new Said(Verb.DELETED, existed ? 1 : 0);
      case Outcome.PreconditionFailed(Entry current) -> new Said(Verb.REFUSED, valueOf(current));
      case Outcome.NotModified _,
          Outcome.Touched _,
          Outcome.PreconditionRequired _,
          Outcome.NotANumber _ ->
          new Said(Verb.NOTHING_TO_BE_SAID, 0);
    };
  }

  /** The entry of the key that an outcome contains; null if it contains none. */
  static @Nullable Entry shown(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Found(Entry entry) -> entry;
      case Outcome.Created(Entry entry) -> entry;
      case Outcome.Replaced(Entry entry) -> entry;
      case Outcome.Added(Entry entry, var _) -> entry;
      case Outcome.PreconditionFailed(Entry current) -> current;
      case Outcome.Absent _,
          Outcome.Deleted _,
          Outcome.NotModified _,
          Outcome.Touched _,
          Outcome.PreconditionRequired _,
          Outcome.NotANumber _ ->
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
