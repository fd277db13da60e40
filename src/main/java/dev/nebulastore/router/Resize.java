package dev.nebulastore.router;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a change of the number of shards has come.
 *
 * @param from how many shards there were
 * @param to how many there will be, or are
 * @param steps how many it takes: each hands over what one shard gives to others
 * @param stepsDone how many were made
 * @param share the part of the ring that moves in all, from 0 to 1
 * @param shareMoved the part that has moved
 * @param waitsFor why the next step could not be made yet, for people; it is tried again
 * @param took how long it has taken until now, or took
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

  /** What is being done. */
  public enum State {
    /** Nothing, and nothing was, since the start. */
    IDLE,
    /** Keys are handed over. */
    MOVING,
    /** It is done. */
    DONE
  }

  /** Nothing, over so many shards. */
  static Resize none(int count) {
    return new Resize(State.IDLE, count, count, 0, 0, 0, 0, Optional.empty(), Duration.ZERO);
  }

  /** One that begins. */
  static Resize begun(int from, int to, int steps, double share) {
    return new Resize(State.MOVING, from, to, steps, 0, share, 0, Optional.empty(), Duration.ZERO);
  }

  /** One step further, in which this part of the ring has moved. */
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
