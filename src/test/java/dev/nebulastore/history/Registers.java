package dev.nebulastore.history;

import dev.nebulastore.history.Linearizability.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The model for {@link Linearizability}: keys that each hold a value or nothing, and whose versions
 * only increase.
 *
 * @param holds the value of each key
 * @param versions the greatest version that each key has had
 */
public record Registers(List<Long> holds, List<Long> versions) {

  private static Registers empty(int keys) {
    List<Long> zeros = Collections.nCopies(keys, 0L);
    return new Registers(zeros, zeros);
  }

  /**
   * Searches for an order, visiting at most this number of states. The keys are numbered from 0.
   */
  public static Verdict decide(List<Act> acts, int keys, int maxStates) {
    List<Operation<Registers>> history = new ArrayList<>();
    for (Act act : acts) {
      history.add(
          new Operation<>(
              act.what(), act.called(), act.returned(), state -> state.after(act.steps())));
    }
    return Linearizability.decide(empty(keys), history, maxStates);
  }

  private Optional<Registers> after(List<Act.Step> steps) {
    List<Long> nextHolds = holds;
    List<Long> nextVersions = versions;
    for (Act.Step step : steps) {
      if (!fits(step.sees(), holds.get(step.key()))) {
        return Optional.empty();
      }
      if (step.makes() != Act.KEEP) {
        nextHolds = with(nextHolds, step.key(), step.makes());
      }
      if (step.version() > 0) {
        if (step.version() <= versions.get(step.key())) {
          return Optional.empty();
        }
        nextVersions = with(nextVersions, step.key(), step.version());
      }
    }
    return Optional.of(new Registers(nextHolds, nextVersions));
  }

  private static boolean fits(long sees, long held) {
    return sees == Act.ANYTHING || sees == held || (sees == Act.PRESENT && held > Act.ABSENT);
  }

  private static List<Long> with(List<Long> list, int index, long value) {
    List<Long> copy = new ArrayList<>(list);
    copy.set(index, value);
    return copy;
  }
}
