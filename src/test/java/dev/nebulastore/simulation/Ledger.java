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
 * What the clients did and were answered, what the store applied and what was told of it, in one
 * round; and what is wrong with that:
 *
 * <ol>
 *   <li>the answers have an order that one store, one step at a time, could have given them in;
 *   <li>what was refused is not applied, also not later; nothing is applied twice;
 *   <li>what was acknowledged has been applied by then;
 *   <li>the revisions of a key only grow;
 *   <li>each change that was committed is told once, in the order in which it was, and each that
 *       turned up after a failure is told as uncertain;
 *   <li>whatever is required of the caller by the model of the store.
 * </ol>
 *
 * <p>Threads: confined to the simulation's.
 */
final class Ledger implements ChangeListener {

  private final List<Operation<Long>> history = new ArrayList<>();
  private final List<String> breaches = new ArrayList<>();
  private final List<Change> applied = new ArrayList<>();
  private final List<Change> turnedUp = new ArrayList<>();
  private final List<Change> told = new ArrayList<>();
  private final Set<Integer> present = new HashSet<>();
  private final Set<Integer> refused = new HashSet<>();
  private final Map<Key, Revision> latest = new HashMap<>();
  private long clock;

  /** The next moment. */
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

  /** Something was answered with what is in this step. */
  void answered(String what, long called, Function<Long, Optional<Long>> step) {
    history.add(new Operation<>(what, called, tick(), step));
  }

  /** It is not known whether this step was taken. */
  void unknown(String what, long called, Function<Long, Optional<Long>> step) {
    history.add(new Operation<>(what + " ??", called, Linearizability.NEVER, step));
  }

  /** The write of this value was refused. */
  void refused(int value) {
    refused.add(value);
  }

  /** The write of this value was acknowledged. */
  void acknowledged(int key, int value) {
    require(present.contains(place(key, value)), "acknowledged and not committed: " + value);
  }

  private static int place(int key, int value) {
    return key * (Act.MAX_VALUE + 1) + value;
  }

  /**
   * The store has made a change.
   *
   * @param told whether it is to be told, and not as one that is uncertain
   */
  void applied(Change change, boolean told) {
    Key key = change.key();
    (told ? applied : turnedUp).add(change);
    Revision before = latest.put(key, change.revision());
    if (before != null && before.compareTo(change.revision()) >= 0) {
      breach("the revision of %s went from %s to %s".formatted(key, before, change.revision()));
    }
    if (change instanceof Change.Put(var entry)) {
      int value = Act.valueOf(entry);
      require(present.add(place(Act.numberOf(key), value)), "applied twice: " + value);
    }
  }

  @Override
  public void committed(int shard, List<Change> changes) {
    told.addAll(changes);
  }

  /** Told when reads show what became of them. */
  @Override
  public void uncertain(int shard, List<Change> changes) {
    turnedUp.removeAll(changes);
  }

  /** At the end: all that is wrong. */
  List<String> breaches() {
    for (int value : refused) {
      for (int key = 0; key < Act.MAX_KEYS; key++) {
        require(!present.contains(place(key, value)), "refused and yet applied: " + value);
      }
    }
    if (!applied.equals(told)) {
      breach("told %s of %s".formatted(told, applied));
    }
    require(turnedUp.isEmpty(), "turned up and not told: " + turnedUp);
    if (breaches.isEmpty()) {
      require(Linearizability.holds(0L, history), "no order explains the answers");
    }
    return breaches;
  }

  /** What clients did, a line each. */
  String story() {
    StringBuilder story = new StringBuilder();
    for (Operation<Long> one : history) {
      story.append(
          "%4d %4s  %s%n"
              .formatted(
                  one.called(),
                  one.returned() == Linearizability.NEVER ? "" : one.returned(),
                  one.what()));
    }
    return story.toString();
  }

  /** Whether a failure leaves it open what was done. */
  static boolean isOpen(Applied applied) {
    return switch (applied) {
      case NO -> false;
      case UNKNOWN -> true;
    };
  }
}
