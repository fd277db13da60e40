package dev.nebulastore.ring;

import java.util.Comparator;

/** What goes from one member of a ring to another when the ring changes. */
public record Move(int giver, int taker) implements Comparable<Move> {

  private static final Comparator<Move> ORDER =
      Comparator.comparingInt(Move::giver).thenComparingInt(Move::taker);

  @Override
  public int compareTo(Move other) {
    return ORDER.compare(this, other);
  }
}
