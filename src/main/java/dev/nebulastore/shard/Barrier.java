package dev.nebulastore.shard;

import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.shard.Turn.Floor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Brings the workers of some shards to a stand, one after another in the order of their numbers,
 * and lets all of them go when it is closed.
 *
 * <p>Nobody waits for ever, and no two wait for each other: a transaction waits only for shards
 * with greater numbers than those that it has; a worker that stands still waits for the one
 * transaction that has it, and those queued behind it have no shard of a greater number yet. So
 * whatever waits, waits for somebody with greater numbers, and the greatest goes on. Besides, all
 * of it has a deadline. In which order seats are taken at a shard does not matter for that, so some
 * may go ahead.
 *
 * <p>Threads: confined to the transaction's.
 */
final class Barrier implements AutoCloseable {

  private final List<Seat> seats = new ArrayList<>();
  private final SortedMap<Integer, Floor> floors = new TreeMap<>();
  private final Pace pace;
  private final boolean ahead;
  private final Duration limit;
  private final long until;
  private final Consumer<Seat> offer;
  private long firstHaltedAt;

  /**
   * None stands yet.
   *
   * @param ahead whether its seats go ahead of all that waits
   * @param limit how long it may take from now on until they may go on
   * @param offer puts a seat into the mailbox of its shard, or throws
   */
  Barrier(Pace pace, boolean ahead, Duration limit, Consumer<Seat> offer) {
    this.pace = pace;
    this.ahead = ahead;
    this.limit = limit;
    this.until = pace.nanoTime() + limit.toNanos();
    this.offer = offer;
  }

  /**
   * Brings these to a stand.
   *
   * @throws ShardFailure if one can't be, or not in time
   */
  void stop(SortedSet<Integer> shards) {
    for (int shard : shards) {
      Seat seat = new Seat(pace, shard, ahead, limit, until);
      offer.accept(seat);
      seats.add(seat);
      Floor floor = seat.await(null);
      if (floors.isEmpty()) {
        firstHaltedAt = seat.haltedAt();
      }
      floors.put(shard, floor);
    }
  }

  /**
   * When they have been let go: for how long they took nothing new, from the first that was brought
   * to a stand to the last that was let go.
   */
  Duration stood() {
    return Duration.ofNanos(pace.nanoTime() - firstHaltedAt);
  }

  /** Look-ups by the same time. */
  Lookups lookups() {
    return new Lookups(pace, limit, until);
  }

  /** What the workers lend, by shard. */
  SortedMap<Integer, Floor> floors() {
    return floors;
  }

  /** The mailbox of a worker that stands still, or did when it was last awaited. */
  Mailbox mailbox(int shard) {
    return Objects.requireNonNull(floors.get(shard)).mailbox();
  }

  /**
   * After one was found to be fenced: waits until its successor stands in its place.
   *
   * @throws ShardFailure if that takes too long
   */
  void awaitSuccessor(int shard) {
    for (Seat seat : seats) {
      if (seat.shard() == shard) {
        floors.put(shard, seat.await(floors.get(shard)));
      }
    }
  }

  @Override
  public void close() {
    seats.forEach(Seat::leave);
    seats.clear();
  }
}
