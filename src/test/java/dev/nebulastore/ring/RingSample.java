package dev.nebulastore.ring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A ring generated from a seed: 1 to 64 members with weights from 1 to 3, and few points or many.
 * Every other seed maps the points to 64 positions, so that most of them collide.
 *
 * <p>Threads: immutable.
 */
record RingSample(
    long seed, SortedMap<Integer, Integer> weights, int virtualPoints, boolean colliding) {

  static final int NEWCOMERS_FROM = 1_000;

  static Stream<RingSample> samples() {
    return LongStream.rangeClosed(1, 30).mapToObj(RingSample::of);
  }

  private static RingSample of(long seed) {
    var random = new Random(seed);
    int members = seed <= 4 ? 1 : random.nextInt(1, 65);
    var weights = new TreeMap<Integer, Integer>();
    while (weights.size() < members) {
      weights.put(random.nextInt(NEWCOMERS_FROM), random.nextInt(1, 4));
    }
    int virtualPoints = random.nextBoolean() ? random.nextInt(1, 4) : random.nextInt(8, 33);
    return new RingSample(seed, weights, virtualPoints, seed % 2 == 0);
  }

  /** Random numbers for the test itself, independent of those that generated the sample. */
  Random random() {
    return new Random(~seed);
  }

  HashRing ring() {
    return ring(weights);
  }

  HashRing ring(Map<Integer, Integer> weights) {
    return new HashRing(weights, virtualPoints, this::pointAt);
  }

  private long pointAt(int member, int replica) {
    long hash = xxh3(member + "#" + replica);
    return colliding ? hash & (0b111_111L << 58) : hash;
  }

  static long xxh3(String text) {
    return Hashing.xxh3_64().hashBytesToLong(text.getBytes(UTF_8));
  }

  /** Any member of the sample. */
  int anyMember() {
    return weights.keySet().stream()
        .skip(random().nextInt(weights.size()))
        .findFirst()
        .orElseThrow();
  }

  int weightOf(int member) {
    return Objects.requireNonNull(weights.get(member));
  }

  /** Hashes all over the ring: its ends, and each point with its neighbours before and after. */
  long[] hashes() {
    var hashes = new TreeSet<Long>();
    random().longs(500).forEach(hashes::add);
    LongStream.of(0, -1, Long.MIN_VALUE, Long.MAX_VALUE).forEach(hashes::add);
    model().keySet().forEach(p -> LongStream.rangeClosed(p - 1, p + 1).forEach(hashes::add));
    return hashes.stream().mapToLong(Long::longValue).toArray();
  }

  /** The points as in the textbook: an ordered map from position to the lowest member. */
  TreeMap<Long, Integer> model() {
    Comparator<Long> circle = Long::compareUnsigned;
    var model = new TreeMap<Long, Integer>(circle);
    weights.forEach((member, weight) -> {
      for (int replica = 0; replica < weight * virtualPoints; replica++) {
        model.merge(pointAt(member, replica), member, Math::min);
      }
    });
    return model;
  }

  static int ownerIn(TreeMap<Long, Integer> model, long hash) {
    return Objects.requireNonNullElseGet(model.ceilingEntry(hash), model::firstEntry).getValue();
  }
}
