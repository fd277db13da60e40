package dev.nebulastore.kv;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Commands that take effect together or not at all, at one moment, with what they depend on: if all
 * conditions hold then the first list is carried out, else the second.
 *
 * @param conditions may be none: they hold
 * @param then in order, each on top of what the earlier ones leave; may be none
 * @param otherwise likewise
 */
public record Transaction(List<Condition> conditions, List<Command> then, List<Command> otherwise) {

  /** How many keys a transaction may name; a setting may allow fewer. */
  public static final int MAX_KEYS = 1_024;

  /** How many elements each of its lists may have. */
  public static final int MAX_COMMANDS = 1_024;

  /** Copies the lists, and refuses too many keys or commands. */
  public Transaction {
    conditions = List.copyOf(conditions);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
    int longest = Math.max(conditions.size(), Math.max(then.size(), otherwise.size()));
    if (longest > MAX_COMMANDS) {
      throw new IllegalArgumentException(
          "A list of a transaction has at most " + MAX_COMMANDS + " elements, not " + longest);
    }
    int keys = keys(conditions, then, otherwise).size();
    if (keys > MAX_KEYS) {
      throw new IllegalArgumentException(
          "A transaction names at most " + MAX_KEYS + " keys, not " + keys);
    }
  }

  /**
   * What must hold of one entry.
   *
   * @param precondition as for a write of that key
   */
  public record Condition(Key key, Precondition precondition) {}

  /** All keys that it names. */
  public SortedSet<Key> keys() {
    return keys(conditions, then, otherwise);
  }

  private static SortedSet<Key> keys(
      List<Condition> conditions, List<Command> then, List<Command> otherwise) {
    SortedSet<Key> keys = new TreeSet<>();
    conditions.forEach(condition -> keys.add(condition.key()));
    Stream.concat(then.stream(), otherwise.stream()).forEach(command -> keys.add(command.key()));
    return keys;
  }
}
