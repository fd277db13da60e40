package dev.nebulastore.history;

import static dev.nebulastore.history.Act.ABSENT;
import static dev.nebulastore.history.Act.ANYTHING;
import static dev.nebulastore.history.Act.KEEP;
import static dev.nebulastore.history.Act.PRESENT;
import static dev.nebulastore.history.Linearizability.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.history.Transcript.Request;
import dev.nebulastore.history.Transcript.Touch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Both checkers on handwritten histories. Value n has version n unless stated otherwise. */
class CheckersTests {

  private static final int A = 0;
  private static final int B = 1;

  private static Request at(long called, long returned, Touch... touches) {
    return new Request("@" + called, called, returned, List.of(touches));
  }

  private static Touch saw(int key, long value) {
    return new Touch(key, value, value, KEEP, 0);
  }

  private static Touch put(int key, long value) {
    return new Touch(key, ANYTHING, 0, value, value);
  }

  private static Touch unansweredPut(int key, long value) {
    return new Touch(key, ANYTHING, 0, value, 0);
  }

  private static Touch swap(int key, long expected, long value) {
    return new Touch(key, expected, 0, value, value);
  }

  private static Touch delete(int key) {
    return new Touch(key, ANYTHING, 0, ABSENT, 0);
  }

  private static Verdict verdict(Request... history) {
    List<Act> acts = Transcript.acts(List.of(history));
    Verdict order = VersionOrder.decide(acts, 2, 10_000);
    assertThat(Registers.decide(acts, 2, 10_000)).as("both agree").isEqualTo(order);
    return order;
  }

  private static void holds(Request... history) {
    assertThat(verdict(history)).isEqualTo(Verdict.HOLDS);
  }

  private static void breaks(Request... history) {
    assertThat(verdict(history)).isEqualTo(Verdict.BROKEN);
  }

  @Test
  void readsDuringAWriteMayShowEither() {
    holds(at(0, 9, put(A, 1)), at(1, 2, saw(A, 0)), at(3, 4, saw(A, 1)));
    breaks(at(0, 9, put(A, 1)), at(1, 2, saw(A, 1)), at(3, 4, saw(A, 0)));
  }

  @Test
  void aStaleReadIsFound() {
    breaks(at(0, 1, put(A, 1)), at(2, 3, put(A, 2)), at(4, 5, saw(A, 1)));
    breaks(at(0, 1, put(A, 1)), at(2, 9, put(A, 2)), at(3, 4, saw(A, 2)), at(5, 6, saw(A, 1)));
  }

  @Test
  void aLostAcknowledgedWriteIsFound() {
    breaks(at(0, 1, put(A, 1)), at(2, 3, saw(A, 0)));
    breaks(at(0, 1, put(A, 1)), at(2, 3, put(A, 2)), at(4, 5, swap(A, 1, 3)));
  }

  @Test
  void anUpdateLostBetweenReadAndSwapIsFound() {
    holds(at(0, 1, put(A, 1)), at(2, 9, swap(A, 1, 2)), at(2, 9, swap(A, 2, 3)));
    breaks(at(0, 1, put(A, 1)), at(2, 9, swap(A, 1, 2)), at(2, 9, swap(A, 1, 3)));
  }

  @Test
  void oneOfTwoCreatesHasToFail() {
    breaks(at(0, 9, swap(A, ABSENT, 1)), at(0, 9, swap(A, ABSENT, 2)));
    holds(at(0, 9, swap(A, ABSENT, 1)), at(0, 9, swap(A, ABSENT, 2)), at(1, 8, delete(A)));
    holds(at(0, 9, swap(A, ABSENT, 1)), at(0, 9, new Touch(A, 1, 0, KEEP, 0)));
  }

  @Test
  void replacingNeedsAnEarlierValue() {
    holds(at(0, 1, put(A, 1)), at(2, 3, swap(A, PRESENT, 2)));
    breaks(at(0, 1, swap(A, PRESENT, 2)));
    breaks(at(0, 1, put(A, 1)), at(2, 3, delete(A)), at(4, 5, swap(A, PRESENT, 2)));
    holds(
        at(0, NEVER, unansweredPut(A, 9)),
        at(0, 1, put(A, 1)),
        at(2, 3, delete(A)),
        at(4, 5, swap(A, PRESENT, 2)));
  }

  @Test
  void aDeletedValueThatComesBackIsFound() {
    holds(at(0, 1, put(A, 1)), at(2, 9, delete(A)), at(3, 4, saw(A, 1)), at(5, 6, saw(A, 0)));
    breaks(at(0, 1, put(A, 1)), at(2, 9, delete(A)), at(3, 4, saw(A, 0)), at(5, 6, saw(A, 1)));
  }

  @Test
  void anAbsenceNeedsADelete() {
    breaks(at(0, 1, put(A, 1)), at(2, 3, saw(A, 0)), at(4, 5, delete(A)));
    holds(at(0, 1, put(A, 1)), at(0, NEVER, delete(A)), at(2, 3, saw(A, 0)));
    breaks(
        at(0, 1, put(A, 1)),
        at(2, NEVER, delete(A)),
        at(3, 4, saw(A, 0)),
        at(5, 6, put(A, 2)),
        at(7, 8, saw(A, 0)));
  }

  @Test
  void versionsMustGrow() {
    breaks(at(0, 1, put(A, 2)), at(2, 3, put(A, 1)));
    breaks(at(0, 9, new Touch(A, ANYTHING, 0, 1, 5)), at(0, 9, new Touch(A, ANYTHING, 0, 2, 5)));
    holds(at(0, 9, put(A, 2)), at(0, 9, put(A, 1)), at(10, 11, saw(A, 2)));
    breaks(at(0, 9, put(A, 2)), at(0, 9, put(A, 1)), at(10, 11, saw(A, 1)));
  }

  @Test
  void unwrittenValuesAreFound() {
    breaks(at(0, 1, put(A, 1)), at(2, 3, saw(A, 7)));
    breaks(at(0, 1, put(A, 1)), at(2, 3, new Touch(A, 2, 1, KEEP, 0)));
    breaks(at(0, 1, put(A, 1)), at(2, 3, new Touch(A, 7, 0, KEEP, 0)));
  }

  @Test
  void anUnansweredWriteMayTakeEffectLateOrNever() {
    Request unanswered = at(0, NEVER, unansweredPut(A, 1));
    holds(unanswered, at(1, 2, saw(A, 0)), at(3, 4, saw(A, 0)));
    holds(unanswered, at(1, 2, saw(A, 0)), at(3, 4, saw(A, 1)), at(5, 6, saw(A, 1)));
    holds(
        unanswered,
        at(1, 2, new Touch(A, 8, 0, KEEP, 0)),
        at(3, 4, saw(A, 0)),
        at(3, 9, delete(A)));
  }

  @Test
  void anUnansweredWriteTakesEffectOnceAndNotBeforeItsCall() {
    Request unanswered = at(0, NEVER, unansweredPut(A, 3));
    breaks(unanswered, at(1, 2, saw(A, 3)), at(3, 4, saw(A, 0)));
    breaks(
        unanswered,
        at(1, 2, saw(A, 3)),
        at(3, 4, put(A, 4)),
        at(5, 6, saw(A, 4)),
        at(7, 8, saw(A, 3)));
    breaks(at(0, 1, saw(A, 1)), at(2, NEVER, unansweredPut(A, 1)));
  }

  @Test
  void anUnansweredSwapNeedsWhatItExpected() {
    Request swap = at(4, NEVER, new Touch(A, 1, 0, 3, 0));
    holds(at(0, 1, put(A, 1)), swap, at(5, 6, saw(A, 3)));
    breaks(at(0, 1, put(A, 1)), at(2, 3, put(A, 2)), swap, at(5, 6, saw(A, 3)));
  }

  @Test
  void transactionsAreAtomic() {
    Request both = at(0, 9, put(A, 1), put(B, 1));
    holds(both, at(1, 2, saw(A, 0), saw(B, 0)), at(3, 4, saw(A, 1), saw(B, 1)));
    breaks(both, at(1, 2, saw(A, 1), saw(B, 0)));
    breaks(both, at(1, 2, saw(A, 1)), at(3, 4, saw(B, 0)));
  }

  @Test
  void halfOfAnUnansweredTransactionIsFound() {
    Request both = at(0, NEVER, unansweredPut(A, 1), unansweredPut(B, 1));
    holds(both, at(1, 2, saw(A, 0)), at(3, 4, saw(B, 1)), at(5, 6, saw(A, 1)));
    holds(both, at(1, 2, saw(A, 1)), at(3, 4, put(B, 2)), at(5, 6, saw(B, 2)));
    breaks(both, at(1, 2, saw(A, 1)), at(3, 4, saw(B, 0)));
  }

  @Test
  void ordersOfTwoKeysMustAgree() {
    breaks(
        at(0, 9, put(A, 1), put(B, 2)),
        at(0, 9, put(A, 2), put(B, 1)),
        at(10, 11, saw(A, 2), saw(B, 2)));
    breaks(
        at(0, 9, put(A, 1)),
        at(0, 9, put(B, 1)),
        at(0, 9, saw(A, 1), saw(B, 0)),
        at(0, 9, saw(A, 0), saw(B, 1)));
  }

  @Test
  void movesAreAtomic() {
    Request move = at(2, 9, new Touch(A, 1, 1, ABSENT, 0), new Touch(B, ABSENT, 0, 2, 2));
    holds(at(0, 1, put(A, 1)), move, at(3, 4, saw(A, 0), saw(B, 2)));
    breaks(at(0, 1, put(A, 1)), move, at(3, 4, saw(A, 1), saw(B, 2)));
    breaks(at(0, 1, put(A, 1)), move, at(3, 4, saw(A, 0), saw(B, 0)));
    Request unanswered = at(2, NEVER, new Touch(A, 1, 0, ABSENT, 0), new Touch(B, 0, 0, 2, 0));
    holds(at(0, 1, put(A, 1)), unanswered, at(3, 4, saw(A, 0)), at(5, 6, saw(B, 2)));
    breaks(at(0, 1, put(A, 1)), unanswered, at(3, 4, saw(A, 0)), at(5, 6, saw(B, 0)));
  }

  @Test
  void abandonedSearchesSaySo() {
    Request[] writes =
        IntStream.rangeClosed(1, 12)
            .mapToObj(value -> at(0, 9, new Touch(A, ANYTHING, 0, value, 0)))
            .toArray(Request[]::new);
    List<Act> acts = Transcript.acts(List.of(writes));
    assertThat(Registers.decide(acts, 1, 5)).isEqualTo(Verdict.UNDECIDED);
    List<Act> open =
        Transcript.acts(
            List.of(
                at(0, 9, put(A, 1)),
                at(0, 9, delete(A)),
                at(0, 9, delete(A)),
                at(0, 9, saw(A, 0)),
                at(0, 9, saw(A, 0)),
                at(0, 9, saw(A, 1))));
    assertThat(VersionOrder.decide(open, 1, 1)).isEqualTo(Verdict.UNDECIDED);
    assertThat(VersionOrder.decide(open, 1, 100)).isEqualTo(Verdict.HOLDS);
  }
}
