package dev.nebulastore.history;

import java.util.List;

/**
 * What a client did to one key or to several at once, in the form that both checkers read: a value
 * is the number of the write that made it.
 *
 * @param what for people
 * @param called when it began
 * @param returned when its answer was there, {@link Linearizability#NEVER} if its outcome is
 *     unknown: it may then take effect at any later time, or never
 */
public record Act(String what, long called, long returned, List<Step> steps) {

  /** It does not say what it found. */
  public static final long ANYTHING = -1;

  /** It found some value. */
  public static final long PRESENT = -2;

  /** It found what nobody wrote. */
  public static final long PHANTOM = -3;

  /** It found nothing, or left nothing. */
  public static final long ABSENT = 0;

  /** It left what there was. */
  public static final long KEEP = -1;

  /** Copies the list. */
  public Act {
    steps = List.copyOf(steps);
  }

  /**
   * What it did to one key.
   *
   * @param sees the value it found, or {@code ABSENT}, {@code ANYTHING}, {@code PRESENT}, {@code
   *     PHANTOM}
   * @param makes the value it left, or {@code ABSENT}, {@code KEEP}
   * @param version of what it left, greater for later ones of the key; 0 if nobody was told
   */
  public record Step(int key, long sees, long makes, long version) {

    boolean puts() {
      return makes > ABSENT;
    }

    boolean deletes() {
      return makes == ABSENT;
    }
  }

  /** Whether the client was answered. */
  boolean isKnown() {
    return returned != Linearizability.NEVER;
  }

  /** Whether somebody saw what it wrote, so that it happened, whatever the client was told. */
  boolean wasSeen() {
    return steps.stream().anyMatch(step -> step.puts() && step.version() > 0);
  }
}
