package dev.nebulastore.router;

import java.time.Duration;
import java.util.Optional;

/**
 * The progress of a change of the number of shards.
 *
 * @param from the number of shards before
 * @param to the number of shards afterwards
 * @param steps the number of steps: each hands off the keys that one shard gives to others
 * @param stepsDone the number of steps that are done
 * @param share the fraction of the ring that moves in total, from 0 to 1
 * @param shareMoved the fraction that has moved
 * @param waitsFor why the next step failed, for operators; it is tried again
 * @param took how long it took, or has taken until now
 */
public record Resize(
    State state,
    int from,
    int to,
    int steps,
    int stepsDone,
    double share,
    double shareMoved,
    Optional<String> waitsFor,
    Duration took) {

  /** The states of a resize. */
  public enum State {
    /** There was none since the start. */
    IDLE,
    /** Keys are being handed off. */
    MOVING,
    /** It is done. */
    DONE
  }

  /** No resize yet, with this number of shards. */
  static Resize none(int count) {
    return new Resize(State.IDLE, count, count, 0, 0, 0, 0, Optional.empty(), Duration.ZERO);
  }

  /** One that has just begun. */
  static Resize begun(int from, int to, int steps, double share) {
    return new Resize(State.MOVING, from, to, steps, 0, share, 0, Optional.empty(), Duration.ZERO);
  }

  /** After one more step, in which this fraction of the ring has moved. */
  Resize stepped(double moved) {
    return new Resize(
        state, from, to, steps, stepsDone + 1, share, shareMoved + moved, Optional.empty(), took);
  }

  Resize waitingFor(String why) {
    return new Resize(state, from, to, steps, stepsDone, share, shareMoved, Optional.of(why), took);
  }

  /** In this state, after this time. */
  Resize in(State next, Duration soFar) {
    return new Resize(next, from, to, steps, stepsDone, share, shareMoved, waitsFor, soFar);
  }
}
