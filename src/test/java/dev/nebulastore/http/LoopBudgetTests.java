package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoopBudgetTests {

  private static final long SLICE = TimeSlice.NANOS;
  private static final long START = -7 * SLICE;

  private final LoopBudget budget = new LoopBudget(2, SpareCarrier.none());
  private final TimeSlice one = new TimeSlice();
  private final TimeSlice other = new TimeSlice();

  /** Runs loops in turn, each when its pause is over; returns the number of slices used by then. */
  private int slices(long until, int carriers, TimeSlice... loops) {
    long[] mayRunAt = new long[loops.length];
    java.util.Arrays.fill(mayRunAt, START);
    LoopBudget shared = new LoopBudget(carriers, SpareCarrier.none());
    int used = 0;
    while (true) {
      int next = 0;
      for (int i = 1; i < loops.length; i++) {
        next = mayRunAt[i] < mayRunAt[next] ? i : next;
      }
      long ends = mayRunAt[next] + SLICE;
      if (ends > until) {
        return used;
      }
      mayRunAt[next] = ends + shared.charge(loops[next], ends, SLICE);
      used++;
    }
  }

  @Test
  void singleLoopIsNotLimited() {
    budget.charge(one, START, SLICE);
    assertThat(budget.charge(one, START + SLICE, SLICE)).isEqualTo(1);
    assertThat(slices(START + 1_000 * SLICE, 1, one)).isGreaterThan(990);
  }

  @Test
  void manyLoopsShareAQuarterOfTheCarriers() {
    TimeSlice[] loops = new TimeSlice[8];
    java.util.Arrays.setAll(loops, _ -> new TimeSlice());
    assertThat(slices(START + 1_000 * SLICE, 1, loops)).isBetween(230, 260);
    assertThat(slices(START + 1_000 * SLICE, 2, loops)).isBetween(480, 520);
    assertThat(slices(START + 1_000 * SLICE, 8, loops)).isBetween(1_950, 2_060);
  }

  @Test
  void longWaitsDoNotCountAsWork() {
    budget.charge(one, START, SLICE);
    assertThat(budget.charge(other, START, 1_000 * SLICE)).isLessThanOrEqualTo(8 * SLICE);
    for (int i = 0; i < 1_000; i++) {
      budget.charge(i % 2 == 0 ? one : other, START, SLICE);
    }
    assertThat(budget.charge(one, START, SLICE)).isEqualTo(LoopBudget.MAX_PAUSE);
  }
}
