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
    return decide(initial, history, Integer.MAX_VALUE) == Verdict.HOLDS;
  }

  /** Looks for an order that explains all answers, through so many states at most. */
  public static <S> Verdict decide(S initial, List<Operation<S>> history, int maxStates) {
    List<Operation<S>> byCall = new ArrayList<>(history);
    byCall.sort(Comparator.comparingLong(Operation::called));
    return new Linearizability.Search<>(byCall, maxStates).from(initial);
  }

  private static final class Search<S> {

    private final List<Operation<S>> history;
    private final int maxStates;
    private final BitSet done = new BitSet();
    private final Set<Tried<S>> tried = new HashSet<>();

    Search(List<Operation<S>> history, int maxStates) {
      this.history = history;
      this.maxStates = maxStates;
    }

    Verdict from(S state) {
      if (tried.size() >= maxStates) {
        return Verdict.UNDECIDED;
      }
      if (!tried.add(new Tried<>((BitSet) done.clone(), state))) {
        return Verdict.BROKEN;
      }
      long firstReturn = NEVER;
      for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
        firstReturn = Math.min(firstReturn, history.get(i).returned());
      }
      if (firstReturn == NEVER) {
        return Verdict.HOLDS;
      }
      for (int i = done.nextClearBit(0); i < history.size(); i = done.nextClearBit(i + 1)) {
        Operation<S> next = history.get(i);
        if (next.called() > firstReturn) {
          break;
        }
        Optional<S> after = next.step().apply(state);
        if (after.isPresent()) {
          done.set(i);
          Verdict verdict = from(after.get());
          if (verdict != Verdict.BROKEN) {
            return verdict;
          }
          done.clear(i);
        }
      }
      return Verdict.BROKEN;
    }
  }
}
