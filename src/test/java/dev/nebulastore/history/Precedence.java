package dev.nebulastore.history;

import java.util.BitSet;
import java.util.List;

/**
 * The partial order of acts, with everything that follows from it.
 *
 * <p>Threads: confined to one thread.
 */
final class Precedence {

  private final BitSet[] after;
  private int known;

  private Precedence(BitSet[] after, int known) {
    this.after = after;
    this.known = known;
  }

  /** An act that returned before another was called precedes it. */
  static Precedence inRealTime(List<Act> acts) {
    BitSet[] after = new BitSet[acts.size()];
    for (int i = 0; i < after.length; i++) {
      after[i] = new BitSet(after.length);
      for (int j = 0; j < after.length; j++) {
        after[i].set(j, acts.get(i).returned() < acts.get(j).called());
      }
    }
    return new Precedence(after, 0);
  }

  Precedence copy() {
    BitSet[] copies = new BitSet[after.length];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = (BitSet) after[i].clone();
    }
    return new Precedence(copies, known);
  }

  /** Increases with each new fact. */
  int known() {
    return known;
  }

  boolean before(int one, int other) {
    return after[one].get(other);
  }

  /** Adds a fact; returns false if it contradicts the known order. */
  boolean add(int one, int other) {
    if (one == other || before(other, one)) {
      return false;
    }
    if (before(one, other)) {
      return true;
    }
    known++;
    for (int i = 0; i < after.length; i++) {
      if (i == one || before(i, one)) {
        after[i].or(after[other]);
        after[i].set(other);
      }
    }
    return true;
  }
}
