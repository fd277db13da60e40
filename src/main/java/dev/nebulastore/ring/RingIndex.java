package dev.nebulastore.ring;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The unsigned 64-bit numbers closed to a circle, with the points that members own on it. {@link
 * HashRing} says what the points mean; this finds the one that a hash belongs to.
 *
 * <ul>
 *   <li>8.3 Where points collide, the lowest member holds the place.
 *   <li>8.4 {@code points} ascends strictly, sign bits flipped so that signed order is the
 *       circle's; {@code owners[i]} owns what is after {@code points[i - 1]} and not after {@code
 *       points[i]}.
 *   <li>8.5 {@code first[b]} counts the points whose top bits are below b, so the first point at or
 *       after a hash with top bits b has an index from {@code first[b]} to {@code first[b + 1]}.
 * </ul>
 *
 * <p>A look-up searches two to four points on average, whatever their number n; there are 1 to 2
 * bytes of {@code first} for each 12 bytes of the others. Drawing the circle costs O(n log n).
 *
 * <p>Threads: immutable.
 */
final class RingIndex {

  /** Where the r-th point of a member lies; a test forces collisions with one of its own. */
  @FunctionalInterface
  interface PointHash {
    long at(int member, int replica);
  }

  private final long[] points;
  private final int[] owners;
  private final int[] first;
  private final int shift;

  /** Draws the given number of points for each member, which must come to an int in all. */
  RingIndex(SortedMap<Integer, Integer> pointsOf, PointHash pointHash) {
    long[] drawn = new long[pointsOf.values().stream().mapToInt(Integer::intValue).sum()];
    int[] drawers = new int[drawn.length];
    int n = 0;
    for (Map.Entry<Integer, Integer> member : pointsOf.entrySet()) {
      for (int replica = 0; replica < member.getValue(); replica++, n++) {
        drawn[n] = pointHash.at(member.getKey(), replica) ^ Long.MIN_VALUE;
        drawers[n] = member.getKey();
      }
    }
    points = sortedDistinct(drawn);
    owners = new int[points.length];
    for (int i = drawn.length - 1; i >= 0; i--) { // Downwards: the lowest member writes last.
      owners[Arrays.binarySearch(points, drawn[i])] = drawers[i];
    }
    int bits = Math.max(1, Integer.SIZE - 2 - Integer.numberOfLeadingZeros(points.length));
    shift = Long.SIZE - bits;
    first = new int[(1 << bits) + 1];
    for (long point : points) {
      first[bucketOf(point ^ Long.MIN_VALUE) + 1]++;
    }
    for (int b = 1; b < first.length; b++) {
      first[b] += first[b - 1];
    }
  }

  private static long[] sortedDistinct(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = 0;
    for (long value : sorted) {
      if (n == 0 || sorted[n - 1] != value) {
        sorted[n++] = value;
      }
    }
    return Arrays.copyOf(sorted, n);
  }

  private int bucketOf(long hash) {
    return (int) (hash >>> shift);
  }

  /** The member of the first point at or after a hash, or of the first of all if none is. */
  int ownerAt(long hash) {
    int b = bucketOf(hash);
    int found = Arrays.binarySearch(points, first[b], first[b + 1], hash ^ Long.MIN_VALUE);
    int at = found < 0 ? ~found : found;
    return owners[at == points.length ? 0 : at];
  }

  /** The part of the circle that each pair of different owners has, here and there. */
  SortedMap<Transfer, Double> moves(RingIndex there) {
    long[] cuts = new long[points.length + there.points.length];
    System.arraycopy(points, 0, cuts, 0, points.length);
    System.arraycopy(there.points, 0, cuts, points.length, there.points.length);
    cuts = sortedDistinct(cuts);
    var lengths = new TreeMap<Transfer, Long>();
    long before = cuts[cuts.length - 1];
    for (long cut : cuts) {
      long hash = cut ^ Long.MIN_VALUE;
      int source = ownerAt(hash);
      int target = there.ownerAt(hash);
      if (source != target) {
        lengths.merge(new Transfer(source, target), cut - before, Long::sum);
      }
      before = cut;
    }
    return parts(lengths);
  }

  /** The part of the circle that each member owns; a member without a place is not in it. */
  SortedMap<Integer, Double> shares() {
    var lengths = new TreeMap<Integer, Long>(); // Modulo 2^64, where the whole circle is 0.
    long before = points[points.length - 1];
    for (int i = 0; i < points.length; i++) {
      lengths.merge(owners[i], points[i] - before, Long::sum);
      before = points[i];
    }
    return parts(lengths);
  }

  /** Lengths as parts of the circle. */
  private static <T> SortedMap<T, Double> parts(SortedMap<T, Long> lengths) {
    var parts = new TreeMap<T, Double>();
    lengths.forEach((of, n) -> parts.put(of, n == 0 ? 1.0 : (n >>> 1) * 0x1p-63));
    return parts;
  }
}
