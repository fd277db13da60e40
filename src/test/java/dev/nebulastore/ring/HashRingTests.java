package dev.nebulastore.ring;

import static dev.nebulastore.ring.RingSample.NEWCOMERS_FROM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Invariant 8, for rings generated from seeds. */
class HashRingTests {

  private static final String SAMPLES = "dev.nebulastore.ring.RingSample#samples";

  /**
   * No fixed seed deviates from the mean by this many standard deviations. A wrong share soon does.
   */
  private static final double DEVIATIONS = 4.5;

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void aHashBelongsToTheFirstPointAtOrAfterIt(RingSample sample) {
    HashRing ring = sample.ring();
    TreeMap<Long, Integer> model = sample.model();
    assertNoHash(sample, hash -> ring.ownerAt(hash) != RingSample.ownerIn(model, hash));
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void whatMovesOnJoinMovesToTheNewcomer(RingSample sample) {
    HashRing before = sample.ring();
    IntStream.of(0, 500, NEWCOMERS_FROM)
        .filter(newcomer -> !sample.weights().containsKey(newcomer))
        .forEach(newcomer -> assertMovesOnlyTo(newcomer, before, before.with(newcomer, 2), sample));
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void whatMovesOnAGainOfWeightMovesToTheGainer(RingSample sample) {
    int gainer = sample.anyMember();
    HashRing before = sample.ring();
    HashRing after = before.with(gainer, sample.weightOf(gainer) + 3);
    assertMovesOnlyTo(gainer, before, after, sample);
    var weights = new TreeMap<>(sample.weights());
    weights.merge(gainer, 3, Integer::sum);
    assertThatEqual(after, sample.ring(weights), sample);
  }

  private static void assertMovesOnlyTo(
      int member, HashRing before, HashRing after, RingSample sample) {
    assertNoHash(
        sample,
        hash -> after.ownerAt(hash) != member && after.ownerAt(hash) != before.ownerAt(hash));
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void onLeaveOnlyTheLeaversKeysMove(RingSample sample) {
    HashRing before = sample.ring().with(NEWCOMERS_FROM, 1);
    int leaver = sample.anyMember();
    HashRing after = before.without(leaver);
    assertNoHash(sample, hash -> after.ownerAt(hash) == leaver);
    assertNoHash(
        sample,
        hash -> before.ownerAt(hash) != leaver && after.ownerAt(hash) != before.ownerAt(hash));
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void joinThenLeaveAndLeaveThenJoinChangeNothing(RingSample sample) {
    HashRing ring = sample.ring();
    assertThatEqual(ring.with(NEWCOMERS_FROM, 3).without(NEWCOMERS_FROM), ring, sample);
    HashRing larger = ring.with(NEWCOMERS_FROM, 3);
    int member = sample.anyMember();
    int weight = sample.weightOf(member);
    assertThatEqual(larger.without(member).with(member, weight), larger, sample);
    assertThatEqual(ring.with(member, weight + 1).with(member, weight), ring, sample);
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void theOrderOfJoiningIsIrrelevant(RingSample sample) {
    var order = new ArrayList<>(sample.weights().keySet());
    Collections.shuffle(order, sample.random());
    HashRing joined = sample.ring(Map.of(NEWCOMERS_FROM, 1));
    for (int member : order) {
      joined = joined.with(member, sample.weightOf(member));
    }
    assertThatEqual(joined.without(NEWCOMERS_FROM), sample.ring(), sample);

    var reversed = new TreeMap<Integer, Integer>(Comparator.reverseOrder());
    reversed.putAll(sample.weights());
    assertThatEqual(sample.ring(reversed), sample.ring(), sample);
  }

  private static void assertThatEqual(HashRing actual, HashRing expected, RingSample sample) {
    assertThat(actual.weights()).as("%s", sample).isEqualTo(expected.weights());
    assertThat(actual.virtualPoints()).as("%s", sample).isEqualTo(expected.virtualPoints());
    assertNoHash(sample, hash -> actual.ownerAt(hash) != expected.ownerAt(hash));
  }

  private static void assertNoHash(RingSample sample, LongPredicate wrong) {
    assertThat(LongStream.of(sample.hashes()).filter(wrong).mapToObj(Long::toHexString))
        .as("%s", sample)
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 16", "1, 512", "2, 128", "3, 512", "4, 512", "5, 64", "7, 512", "15, 128", "15, 512",
    "16, 512", "31, 64", "63, 512"
  })
  void aFairPartOfTheKeysMovesOnJoin(int members, int virtualPoints) {
    long seed = 31L * members + virtualPoints;
    HashRing before = HashRing.ofShards(members, virtualPoints);
    HashRing after = before.with(members, 1);
    byte[][] keys = keys(seed, 10_000);
    double moved = Stream.of(keys).filter(key -> after.ownerOf(key) != before.ownerOf(key)).count();
    double p = 1.0 / (members + 1);
    double variance =
        shareVariance(virtualPoints, virtualPoints * members) + p * (1 - p) / keys.length;
    assertThat(moved / keys.length)
        .as("seed %d, %d members, %d points", seed, members, virtualPoints)
        .isCloseTo(p, within(DEVIATIONS * Math.sqrt(variance)));
  }

  @ParameterizedTest
  @CsvSource({"1, 512, 1", "2, 512, 2", "3, 64, 3", "4, 256, 16", "5, 128, 40", "6, 32, 64"})
  void weightsGiveProportionalShares(long seed, int virtualPoints, int members) {
    var random = new Random(seed);
    HashRing ring = HashRing.of(Map.of(0, 1), virtualPoints);
    for (int member = 1; member <= members; member++) {
      ring = ring.with(member, random.nextInt(1, 11));
    }
    int total = ring.weights().values().stream().mapToInt(Integer::intValue).sum();
    var shares = ring.shares();
    ring.weights()
        .forEach((member, weight) -> {
          int own = weight * virtualPoints;
          double variance = shareVariance(own, total * virtualPoints - own);
          assertThat(shares.get(member))
              .as("seed %d, member %d of weight %d in %d", seed, member, weight, total)
              .isCloseTo((double) weight / total, within(DEVIATIONS * Math.sqrt(variance)));
        });
  }

  /**
   * The variance of the share of this number of random points among others: that of Beta(own,
   * others).
   */
  private static double shareVariance(double own, double others) {
    double all = own + others;
    return own * others / (all * all * (all + 1));
  }

  @ParameterizedTest
  @MethodSource(SAMPLES)
  void sharesAddUpToOneAndAreThoseOfTheModel(RingSample sample) {
    var shares = sample.ring().shares();
    assertThat(shares.keySet()).as("%s", sample).isEqualTo(sample.weights().keySet());
    assertThat(shares.values().stream().mapToDouble(d -> d).sum())
        .as("%s", sample)
        .isCloseTo(1, within(1e-12));
    var expected = new TreeMap<Integer, Double>();
    sample.weights().keySet().forEach(member -> expected.put(member, 0.0));
    TreeMap<Long, Integer> model = sample.model();
    long before = model.lastKey();
    for (var point : model.entrySet()) {
      double arc = Math.scalb((double) ((point.getKey() - before) >>> 1), -63);
      expected.merge(point.getValue(), model.size() == 1 ? 1.0 : arc, Double::sum);
      before = point.getKey();
    }
    shares.forEach((member, share) ->
        assertThat(share)
            .as("%s, member %d", sample, member)
            .isCloseTo(expected.get(member), within(1e-12)));
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 512", "2, 16, 512", "3, 16, 1", "4, 64, 64"})
  void sharesAgreeWithSampledKeys(long seed, int members, int virtualPoints) {
    HashRing ring = HashRing.ofShards(members, virtualPoints);
    var counts = new int[members];
    byte[][] keys = keys(seed, 20_000);
    Stream.of(keys).forEach(key -> counts[ring.ownerOf(key)]++);
    ring.shares()
        .forEach((member, share) ->
            assertThat((double) counts[member] / keys.length)
                .as("seed %d, member %d of %d", seed, member, members)
                .isCloseTo(
                    share, within(DEVIATIONS * Math.sqrt(share * (1 - share) / keys.length))));
  }

  private static byte[][] keys(long seed, int count) {
    var random = new Random(seed);
    return IntStream.range(0, count)
        .mapToObj(i -> "user/" + i + "/" + Long.toString(random.nextLong(), 36))
        .map(key -> key.getBytes(UTF_8))
        .toArray(byte[][]::new);
  }

  @Test
  void theDefaultRingIsBalanced() {
    assertThat(HashRing.ofShards(16, 512).imbalance()).isBetween(1.0, 1.15);
    assertThat(HashRing.ofShards(16, 1).imbalance()).isGreaterThan(1.5);
  }

  @Test
  void imbalanceIsTheGreatestRatioOfShareToWeight() {
    // Member 0 owns a quarter of the ring and member 1 the rest.
    RingIndex.PointHash quarters = (member, replica) -> member == 0 ? 1L << 62 : 0;
    assertThat(new HashRing(Map.of(0, 1, 1, 1), 1, quarters).imbalance()).isEqualTo(1.5);
    assertThat(new HashRing(Map.of(0, 1, 1, 3), 1, quarters).imbalance()).isEqualTo(1.0);
    assertThat(new HashRing(Map.of(0, 3, 1, 1), 1, quarters).imbalance()).isEqualTo(3.0);
    assertThat(HashRing.ofShards(1, 3).imbalance()).isEqualTo(1.0);
  }

  @Test
  void theLowestMemberHoldsAPlaceUntilItLeaves() {
    HashRing ring = new HashRing(Map.of(7, 1, 3, 1), 4, (member, replica) -> -5);
    assertThat(ring.ownerAt(-5)).isEqualTo(3);
    assertThat(ring.shares()).containsExactly(Map.entry(3, 1.0), Map.entry(7, 0.0));
    assertThat(ring.with(9, 1).ownerAt(-5)).isEqualTo(3);
    assertThat(ring.with(1, 1).ownerAt(-5)).isEqualTo(1);
    assertThat(ring.without(3).ownerAt(-5)).isEqualTo(7);
  }

  @Test
  void aRingIsASnapshot() {
    var weights = new TreeMap<>(Map.of(0, 1, 1, 2));
    HashRing ring = HashRing.of(weights, 8);
    weights.put(2, 1);
    ring.with(3, 1);
    ring.without(0);
    assertThat(ring.weights()).containsExactly(Map.entry(0, 1), Map.entry(1, 2));
    assertThat(ring.virtualPoints()).isEqualTo(8);
    assertThatThrownBy(() -> ring.weights().put(2, 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> ring.shares().put(0, 1.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void badArgumentsAreRefusedWithTheValueAndWhatIsAllowed() {
    HashRing ring = HashRing.of(Map.of(0, 1, 4, 2), 8);
    assertRefused(() -> HashRing.of(Map.of(), 8), "no member", "at least 1");
    assertRefused(
        () -> HashRing.of(Map.of(0, 1, 6, 0), 8), "weight of member 6 is 0", "at least 1");
    assertRefused(() -> HashRing.of(Map.of(-3, 1, 5, 1), 8), "member is -3", "at least 0");
    assertRefused(() -> HashRing.of(Map.of(0, 1), 0), "virtualPoints is 0", "at least 1");
    assertRefused(() -> HashRing.ofShards(0, 8), "count is 0", "1 to 1048576");
    assertRefused(() -> HashRing.ofShards(Integer.MAX_VALUE, 8), "count is 2147483647", "1 to");
    assertRefused(() -> ring.with(-1, 1), "member is -1", "at least 0");
    assertRefused(() -> ring.with(5, -2), "weight of member 5 is -2", "at least 1");
    assertRefused(() -> ring.without(1), "member 1 is not on the ring", "one of [0, 4]");
    assertRefused(() -> ring.without(0).without(4), "member 4 is the last", "at least 1");
  }

  @Test
  void tooManyPointsAreRefused() {
    int most = Integer.MAX_VALUE; // 4 times its square is negative as a long.
    var heavy = Map.of(0, most, 1, most, 2, most, 3, most);
    assertRefused(
        () -> HashRing.ofShards(1025, 1024),
        "total weight 1025 x virtualPoints 1024",
        "at most 1048576");
    assertRefused(() -> HashRing.of(heavy, most), "x virtualPoints 2147483647", "1048576");
    assertThat(HashRing.ofShards(2, 1 << 16).with(1, 15).weights()).containsEntry(1, 15);
    assertRefused(() -> HashRing.ofShards(2, 1 << 16).with(1, 16), "total weight 17", "1048576");
  }

  private static void assertRefused(ThrowingCallable call, String value, String allowed) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(value)
        .hasMessageContaining(allowed);
  }
}
