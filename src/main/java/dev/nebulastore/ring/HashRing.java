package dev.nebulastore.ring;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says which member a key belongs to: consistent hashing with virtual points, after Karger et al.,
 * <em>Consistent Hashing and Random Trees</em> (STOC 1997).
 *
 * <p>The unsigned 64-bit numbers form a circle. A member of weight w has w times {@code
 * virtualPoints} points on it, the r-th (from 0) at XXH3-64 of the UTF-8 bytes of {@code
 * "member#r"}. A key belongs to the first point at or after its own XXH3-64, and past the last
 * point to the first.
 *
 * <p>8. The ring is an immutable snapshot, which its user holds behind one volatile reference.
 * Where a key lives depends on the members and the key alone: not on load, order of joining, or
 * run.
 *
 * <ul>
 *   <li>8.1 Rings of equal weights and virtual points agree on every key, in every process: each is
 *       drawn afresh from its sorted weights and from nothing else.
 *   <li>8.2 A key that moves when a member joins or gains weight moves to that member; when one
 *       leaves or loses weight only its keys move: where its points lie depends on no other.
 *   <li>8.3 Where points collide, the lowest member holds the place, and when it leaves the next
 *       lowest takes it, so that 8.1 and 8.2 hold there too.
 * </ul>
 *
 * <p>8.4 and 8.5, the order of the points and the index over them, are with {@link RingIndex}.
 *
 * <p>A look-up hashes the key and searches a few points, whatever their number n, and allocates
 * nothing. A new ring costs O(n log n) time and 13 to 14 bytes a point; shares and imbalance O(n).
 *
 * <p>Threads: immutable.
 */
public final class HashRing {

  private static final int MAX_POINTS = 1 << 20;
  private static final Hasher64 XXH3 = Hashing.xxh3_64();

  private final SortedMap<Integer, Integer> weights;
  private final int virtualPoints;
  private final long totalWeight;
  private final RingIndex.PointHash pointHash;
  private final RingIndex circle;

  HashRing(Map<Integer, Integer> members, int virtualPoints, RingIndex.PointHash pointHash) {
    this.weights = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    this.virtualPoints = virtualPoints;
    this.pointHash = pointHash;
    check(virtualPoints >= 1, "virtualPoints is " + virtualPoints + ": must be at least 1");
    check(!weights.isEmpty(), "no member is given: a ring needs at least 1");
    check(weights.firstKey() >= 0, "member is " + weights.firstKey() + ": must be at least 0");
    weights.forEach(
        (m, w) -> check(w >= 1, "weight of member " + m + " is " + w + ": must be at least 1"));
    this.totalWeight = weights.values().stream().mapToLong(Integer::longValue).sum();
    String size = "total weight " + totalWeight + " x virtualPoints " + virtualPoints;
    check(totalWeight <= MAX_POINTS / virtualPoints, size + " must be at most " + MAX_POINTS);
    var pointsOf = new TreeMap<>(weights);
    pointsOf.replaceAll((member, weight) -> weight * virtualPoints);
    this.circle = new RingIndex(pointsOf, pointHash);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /**
   * A ring of the given members, from number (0 or more) to weight (1 or more).
   *
   * @param virtualPoints how many points a unit of weight has, 1 or more; a ring has at most
   *     1,048,576 in all
   * @throws IllegalArgumentException if there is no member, or a value is out of its bounds
   */
  public static HashRing of(Map<Integer, Integer> weights, int virtualPoints) {
    return new HashRing(
        weights, virtualPoints, (m, r) -> XXH3.hashBytesToLong((m + "#" + r).getBytes(UTF_8)));
  }

  /** A ring of the members 0 to {@code count - 1}, each of weight 1. */
  public static HashRing ofShards(int count, int virtualPoints) {
    check(count >= 1 && count <= MAX_POINTS, "count is " + count + ": must be 1 to " + MAX_POINTS);
    var weights = new TreeMap<Integer, Integer>();
    for (int member = 0; member < count; member++) {
      weights.put(member, 1);
    }
    return of(weights, virtualPoints);
  }

  /** This ring with one member more, or with another weight for a member that it has. */
  public HashRing with(int member, int weight) {
    var changed = new TreeMap<>(weights);
    changed.put(member, weight);
    return new HashRing(changed, virtualPoints, pointHash);
  }

  /** This ring with one member less: one that it has, and not the last. */
  public HashRing without(int member) {
    var changed = new TreeMap<>(weights);
    boolean removed = changed.remove(member) != null;
    check(removed, "member " + member + " is not on the ring: must be one of " + weights.keySet());
    check(!changed.isEmpty(), "member " + member + " is the last: a ring needs at least 1");
    return new HashRing(changed, virtualPoints, pointHash);
  }

  /** The member that a key belongs to; the key is given by its UTF-8 bytes. */
  public int ownerOf(byte[] key) {
    return ownerAt(XXH3.hashBytesToLong(key));
  }

  /** The member that a hash belongs to. */
  int ownerAt(long hash) {
    return circle.ownerAt(hash);
  }

  /** The members and their weights, by member; immutable. */
  public SortedMap<Integer, Integer> weights() {
    return weights;
  }

  /** How many points a unit of weight has. */
  public int virtualPoints() {
    return virtualPoints;
  }

  /** The part of the circle that each member owns, exact but for rounding; they add up to 1. */
  public SortedMap<Integer, Double> shares() {
    var shares = new TreeMap<Integer, Double>();
    weights.keySet().forEach(member -> shares.put(member, 0.0));
    shares.putAll(circle.shares());
    return Collections.unmodifiableSortedMap(shares);
  }

  /** The part of the circle that each move to another ring takes; all else stays. */
  public SortedMap<Transfer, Double> moves(HashRing next) {
    return circle.moves(next.circle);
  }

  /** The greatest ratio of a member's share to its part of the total weight; 1.0 is perfect. */
  public double imbalance() {
    var ratios = new TreeMap<>(shares());
    ratios.replaceAll((m, share) -> share * totalWeight / weights.getOrDefault(m, 1));
    return Collections.max(ratios.values());
  }
}
