package dev.nebulastore.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds out whether what concurrent clients saw could have come from one store that does one thing
 * at a time, each operation at some moment between its call and its return: the search of Wing and
 * Gong (1993), with Lowe's (2017) memory of what was tried. Exact, for histories of any form.
 *
 * <p>Threads: immutable.
 */
public final class Linearizability {

  /**
   * The return of an operation whose outcome is not known: it may take effect at any later time.
   */
  public static final long NEVER = Long.MAX_VALUE;

  private Linearizability() {}

  /**
   * What a client did.
   *
   * @param <S> the state of the store; compared by equals, and immutable
   * @param step from the state before to the state after, or empty if what the client was answered
   *     can't be answered in that state
   */
  public record Operation<S>(
      String what, long called, long returned, Function<S, Optional<S>> step) {}

  private record Tried<S>(BitSet done, S state) {}

  /** Whether there is an order that explains all answers. */
  public static <S> boolean holds(S initial, List<Operation<S>> history) {
    List<Operation<S>> byCall = new ArrayList<>(history);
    byCall.sort(Comparator.comparingLong(Operation::called));
    return search(byCall, new BitSet(), initial, new HashSet<>());
  }

  private static <S> boolean search(
      List<Operation<S>> history, BitSet done, S state, Set<Tried<S>> tried) {
    if (!tried.add(new Tried<>((BitSet) done.clone(), state))) {
      return false;
    }
    long firstReturn = NEVER;
    for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
      firstReturn = Math.min(firstReturn, history.get(i).returned());
    }
    if (firstReturn == NEVER) {
      return true;
    }
    for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
      Operation<S> next = history.get(i);
      if (next.called() > firstReturn) {
        break;
      }
      Optional<S> after = next.step().apply(state);
      if (after.isPresent()) {
        done.set(i);
        if (search(history, done, after.get(), tried)) {
          return true;
        }
        done.clear(i);
      }
    }
    return false;
  }
}
