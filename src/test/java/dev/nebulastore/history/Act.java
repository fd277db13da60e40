package dev.nebulastore.history;

import java.util.List;

/**
 * An operation of a client on one or several keys, in the form that both checkers read. A value is
 * the number of the write that made it.
 *
 * @param what a description for people
 * @param called when it was called
 * @param returned when it returned, {@link Linearizability#NEVER} if its outcome is unknown: it may
 *     then take effect at any later time, or never
 */
public record Act(String what, long called, long returned, List<Step> steps) {

  /** The response does not say what was found. */
  public static final long ANYTHING = -1;

  /** Some value was found. */
  public static final long PRESENT = -2;

  /** A value was found that nobody wrote. */
  public static final long PHANTOM = -3;

  /** The key was or became absent. */
  public static final long ABSENT = 0;

  /** The key was left as it was. */
  public static final long KEEP = -1;

  /** Copies the list. */
  public Act {
    steps = List.copyOf(steps);
  }

  /**
   * The effect on one key.
   *
   * @param sees the value that was found, or {@code ABSENT}, {@code ANYTHING}, {@code PRESENT},
   *     {@code PHANTOM}
   * @param makes the value that was left, or {@code ABSENT}, {@code KEEP}
   * @param version the version of the value that was left, greater for later ones of the key; 0 if
   *     unknown
   */
  public record Step(int key, long sees, long makes, long version) {

    boolean puts() {
      return makes > ABSENT;
    }

    boolean deletes() {
      return makes == ABSENT;
    }
  }

  /** Whether the client received a response. */
  boolean isKnown() {
    return returned != Linearizability.NEVER;
  }

  /** Whether a client has read what it wrote, so that it took effect, whatever the response was. */
  boolean wasSeen() {
    return steps.stream().anyMatch(step -> step.puts() && step.version() > 0);
  }
}
