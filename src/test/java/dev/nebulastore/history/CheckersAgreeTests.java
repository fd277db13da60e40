package dev.nebulastore.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.history.RandomStore.Bug;
import dev.nebulastore.history.Transcript.Request;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both checkers on the same random histories, of a store without a bug and with each bug. */
class CheckersAgreeTests {

  private static final int ROUNDS = Integer.getInteger("nebula.test.rounds", 400);
  private static final long SEED = Long.getLong("nebula.test.seed", 11);
  private static final int BOUND = 1_000_000;

  @ParameterizedTest
  @EnumSource
  void checkersAgree(Bug bug) {
    int broken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED * 100_003 + round;
      Random random = new Random(seed);
      List<Request> history = RandomStore.history(random, bug, 4 + random.nextInt(22));
      List<Act> acts = Transcript.acts(history);
      Verdict search = Registers.decide(acts, 2, BOUND);
      Verdict order = VersionOrder.decide(acts, 2, BOUND);
      assertThat(order).as("seed %d: %s", seed, acts).isEqualTo(search);
      assertThat(order).isNotEqualTo(Verdict.UNDECIDED);
      broken += search == Verdict.BROKEN ? 1 : 0;
    }
    if (bug == Bug.NONE) {
      assertThat(broken).isZero();
    } else {
      assertThat(broken).isBetween(ROUNDS / 20, ROUNDS - 1);
    }
  }
}
