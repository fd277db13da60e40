package dev.nebulastore.simulation;

import dev.nebulastore.history.Linearizability;
import dev.nebulastore.history.Linearizability.Operation;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.Revision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Records what the clients requested and received, what the store applied, and what it published,
 * in one round. It checks that:
 *
 * <ol>
 *   <li>the responses are linearizable;
 *   <li>a refused command is not applied, not even later, and nothing is applied twice;
 *   <li>an acknowledged write has been applied before;
 *   <li>the revisions of a key only increase;
 *   <li>each committed change is published once and in commit order, and each change that turns up
 *       after a failure is published as uncertain;
 *   <li>every other condition holds that the simulation passes to {@link #require}.
 * </ol>
 *
 * <p>Threads: confined to the thread of the simulation.
 */
final class Ledger implements ChangeListener {

  private final List<Operation<List<Long>>> history = new ArrayList<>();
  private final List<String> breaches = new ArrayList<>();
  private final List<Change> applied = new ArrayList<>();
  private final List<Change> turnedUp = new ArrayList<>();
  private final List<Change> told = new ArrayList<>();
  private final Set<Place> present = new HashSet<>();
  private final Set<Integer> refused = new HashSet<>();
  private final Map<Key, Revision> latest = new HashMap<>();
  private long clock;

  /** A value that a key has had. */
  private record Place(int key, long value) {}

  /** The next time of the logical clock. */
  long tick() {
    return ++clock;
  }

  void require(boolean holds, String otherwise) {
    if (!holds) {
      breach(otherwise);
    }
  }

  void breach(String what) {
    breaches.add(what);
  }

  /**
   * Records an operation that was answered. The step returns the state after the operation, or
   * nothing if the answer is impossible in the state before it.
   */
  void answered(String what, long called, Function<List<Long>, Optional<List<Long>>> step) {
    history.add(new Operation<>(what, called, tick(), step));
  }

  /** Records an operation of which it is unknown whether it was applied. */
  void unknown(String what, long called, Function<List<Long>, Optional<List<Long>>> step) {
    history.add(new Operation<>(what + " ??", called, Linearizability.NEVER, step));
  }

  /** Records that the write of this value was refused. */
  void refused(int value) {
    refused.add(value);
  }

  /** Checks that the acknowledged write of this value has been applied. */
  void acknowledged(int key, long value) {
    require(present.contains(new Place(key, value)), "acknowledged but not committed: " + value);
  }

  /**
   * Records a change that the store applied.
   *
   * @param told whether listeners are to be notified of it as committed, not as uncertain
   */
  void applied(Change change, boolean told) {
    Key key = change.key();
    (told ? applied : turnedUp).add(change);
    Revision before = latest.put(key, change.revision());
    if (before != null && before.compareTo(change.revision()) >= 0) {
      breach("the revision of %s went from %s to %s".formatted(key, before, change.revision()));
    }
    if (change instanceof Change.Put(var entry)) {
      long value = Act.valueOf(entry);
      require(present.add(new Place(Act.numberOf(key), value)), "applied twice: " + value);
    }
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    told.addAll(changes);
  }

  /** Called once reads show whether the changes were applied. */
  @Override
  public void uncertain(int shard, List<Change> changes) {
    turnedUp.removeAll(changes);
  }

  /** Checks what can only be checked at the end of a round, and returns all violations. */
  List<String> breaches() {
    for (int value : refused) {
      for (int key = 0; key < Act.MAX_KEYS; key++) {
        require(!present.contains(new Place(key, value)), "refused but applied: " + value);
      }
    }
    if (!applied.equals(told)) {
      breach("published %s instead of %s".formatted(told, applied));
    }
    require(turnedUp.isEmpty(), "turned up but not published: " + turnedUp);
    if (breaches.isEmpty()) {
      require(Linearizability.holds(Act.NOTHING, history), "the responses are not linearizable");
    }
    return breaches;
  }

  /** The operations of the clients, one per line. */
  String story() {
    StringBuilder story = new StringBuilder();
    for (Operation<List<Long>> one : history) {
      story.append(
          "%4d %4s  %s%n"
              .formatted(
                  one.called(),
                  one.returned() == Linearizability.NEVER ? "" : one.returned(),
                  one.what()));
    }
    return story.toString();
  }

  /** Whether a failure leaves it unknown whether the command was applied. */
  static boolean isOpen(Applied applied) {
    return switch (applied) {
      case NO -> false;
      case UNKNOWN -> true;
    };
  }
}
