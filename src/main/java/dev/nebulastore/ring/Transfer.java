package dev.nebulastore.ring;

import java.util.Comparator;

/** What goes from one member of a ring to another when the ring changes. */
public record Transfer(int source, int target) implements Comparable<Transfer> {

  private static final Comparator<Transfer> ORDER =
      Comparator.comparingInt(Transfer::source).thenComparingInt(Transfer::target);

  @Override
  public int compareTo(Transfer other) {
    return ORDER.compare(this, other);
  }
}
