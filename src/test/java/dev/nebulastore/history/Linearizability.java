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
 * Determines whether what concurrent clients observed could have come from a single store that
 * executes one operation at a time, each at some moment between its call and its return. This is
 * the search of Wing and Gong (1993), with Lowe's (2017) cache of visited states. Exact, for
 * histories of any form.
 *
 * <p>Threads: immutable.
 */
public final class Linearizability {

  /** The return of an operation whose outcome is unknown: it may take effect at any later time. */
  public static final long NEVER = Long.MAX_VALUE;

  private Linearizability() {}

  /**
   * An operation of a client.
   *
   * @param <S> the state of the store; compared by equals, and immutable
   * @param step from the state before to the state after, or empty if the response is impossible in
   *     that state
   */
  public record Operation<S>(
      String what, long called, long returned, Function<S, Optional<S>> step) {}

  private record Tried<S>(BitSet done, S state) {}

  /** Whether some order explains all responses. */
  public static <S> boolean holds(S initial, List<Operation<S>> history) {
    return decide(initial, history, Integer.MAX_VALUE) == Verdict.HOLDS;
  }

  /** Searches for an order that explains all responses, visiting at most this number of states. */
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
