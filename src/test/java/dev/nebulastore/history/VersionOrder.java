package dev.nebulastore.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Determines the same as {@link Registers} in another way: from the order in which operations must
 * have happened. Known are real time, the order of each key's versions, and from which write a
 * reader has its value. No other write of the key happened in between: each precedes that write or
 * follows the reader. These alternatives are resolved until nothing more follows; a cycle means
 * that no order exists. A delete has no version. So the source of an absence, and what remains open
 * for writes without a version, is found by trying. Exact, for one key and for several keys that
 * are written together.
 *
 * <p>Threads: confined to one thread.
 */
public final class VersionOrder {

  /** The source of an absence that precedes all writes. */
  private static final int START = -1;

  private static final int OPEN = -2;
  private static final int NOWHERE = -3;

  private record Reader(int act, int key, long sees) {}

  private record Writer(int act, boolean deletes) {}

  private record Version(int act, long number) {}

  /** A write that precedes the source of a reader, or follows the reader. */
  private record Alternative(int write, int source, int reader) {}

  private final List<Act> acts;
  private final int maxTries;
  private final List<Reader> readers = new ArrayList<>();
  private final List<List<Writer>> writers = new ArrayList<>();
  private int tries;

  private VersionOrder(List<Act> acts, int keys, int maxTries) {
    this.acts = acts;
    this.maxTries = maxTries;
    for (int key = 0; key < keys; key++) {
      writers.add(new ArrayList<>());
    }
    for (int act = 0; act < acts.size(); act++) {
      for (Act.Step step : acts.get(act).steps()) {
        if (step.sees() != Act.ANYTHING) {
          readers.add(new Reader(act, step.key(), step.sees()));
        }
        if (step.makes() != Act.KEEP) {
          writers.get(step.key()).add(new Writer(act, step.deletes()));
        }
      }
    }
  }

  /** Searches for an order with at most this number of tries. The keys are numbered from 0. */
  public static Verdict decide(List<Act> acts, int keys, int maxTries) {
    return new VersionOrder(List.copyOf(acts), keys, maxTries).decide();
  }

  private Verdict decide() {
    State state = new State(Precedence.inRealTime(acts), new BitSet(), new int[readers.size()]);
    Arrays.fill(state.sources, OPEN);
    for (int act = 0; act < acts.size(); act++) {
      state.happened.set(act, acts.get(act).isKnown() || acts.get(act).wasSeen());
    }
    for (int key = 0; key < writers.size(); key++) {
      List<Version> versions = versions(key);
      for (int i = 1; i < versions.size(); i++) {
        Version last = versions.get(i - 1);
        Version next = versions.get(i);
        if (last.number == next.number || !state.order.add(last.act, next.act)) {
          return Verdict.BROKEN;
        }
      }
      findSources(key, versions.stream().map(Version::act).toList(), state.sources);
    }
    return search(state);
  }

  /** The values that a key had, in order. */
  private List<Version> versions(int key) {
    List<Version> versions = new ArrayList<>();
    for (Writer writer : writers.get(key)) {
      for (Act.Step step : acts.get(writer.act).steps()) {
        if (step.key() == key && step.version() > 0) {
          versions.add(new Version(writer.act, step.version()));
        }
      }
    }
    versions.sort(Comparator.comparingLong(Version::number));
    return versions;
  }

  /** The source of a value is known by the value. Only an absence may have several sources. */
  private void findSources(int key, List<Integer> inOrder, int[] sources) {
    for (int i = 0; i < sources.length; i++) {
      Reader reader = readers.get(i);
      if (reader.key == key && reader.sees == Act.PRESENT) {
        int place = inOrder.indexOf(reader.act);
        sources[i] = place > 0 ? inOrder.get(place - 1) : NOWHERE;
      } else if (reader.key == key && reader.sees != Act.ABSENT) {
        sources[i] = writerOf(key, reader.sees);
      }
    }
  }

  private int writerOf(int key, long value) {
    for (Writer writer : writers.get(key)) {
      for (Act.Step step : acts.get(writer.act).steps()) {
        if (step.key() == key && step.makes() == value) {
          return writer.act;
        }
      }
    }
    return NOWHERE;
  }

  private Verdict search(State state) {
    if (++tries > maxTries) {
      return Verdict.UNDECIDED;
    }
    if (!state.saturate()) {
      return Verdict.BROKEN;
    }
    List<State> choices = state.choices();
    if (choices.isEmpty()) {
      return Verdict.HOLDS;
    }
    for (State choice : choices) {
      Verdict verdict = search(choice);
      if (verdict != Verdict.BROKEN) {
        return verdict;
      }
    }
    return Verdict.BROKEN;
  }

  /** What is known or assumed on one branch of the search. */
  private final class State {

    final Precedence order;

    /** An act with unknown outcome is left out until another act needs it. */
    final BitSet happened;

    final int[] sources;

    State(Precedence order, BitSet happened, int[] sources) {
      this.order = order;
      this.happened = happened;
      this.sources = sources;
    }

    private State copy() {
      return new State(order.copy(), (BitSet) happened.clone(), sources.clone());
    }

    /** Draws every conclusion; false if one contradicts another. */
    boolean saturate() {
      int before;
      do {
        before = order.known() + happened.cardinality();
        for (int i = 0; i < sources.length; i++) {
          if (happened.get(readers.get(i).act) && !concludeOf(i)) {
            return false;
          }
        }
      } while (before != order.known() + happened.cardinality());
      return true;
    }

    private boolean concludeOf(int index) {
      Reader reader = readers.get(index);
      if (sources[index] == OPEN) {
        List<Integer> from = candidates(reader);
        if (from.isEmpty()) {
          return false;
        }
        if (from.size() > 1) {
          return true;
        }
        sources[index] = from.getFirst();
      }
      int source = sources[index];
      if (source == NOWHERE) {
        return false;
      }
      if (source != START) {
        happened.set(source);
        if (!order.add(source, reader.act)) {
          return false;
        }
      }
      for (Writer writer : writers.get(reader.key)) {
        if (competes(writer, reader, source)
            && !conclude(new Alternative(writer.act, source, reader.act))) {
          return false;
        }
      }
      return true;
    }

    /** Whether the write would change what the reader found. */
    private boolean competes(Writer writer, Reader reader, int source) {
      return writer.act != source
          && writer.act != reader.act
          && happened.get(writer.act)
          && !(writer.deletes && reader.sees == Act.ABSENT);
    }

    private boolean conclude(Alternative one) {
      if (one.source == START || order.before(one.source, one.write)) {
        return order.add(one.reader, one.write);
      }
      return !order.before(one.write, one.reader) || order.add(one.write, one.source);
    }

    private boolean isOpen(Alternative one) {
      return one.source != START
          && !order.before(one.write, one.source)
          && !order.before(one.reader, one.write);
    }

    /**
     * The possible sources of an absence: the last of the deletes that certainly precede it, or
     * any.
     */
    private List<Integer> candidates(Reader reader) {
      List<Integer> from = new ArrayList<>();
      if (isPossible(START, reader)) {
        from.add(START);
      }
      for (Writer writer : writers.get(reader.key)) {
        if (writer.deletes && writer.act != reader.act && isPossible(writer.act, reader)) {
          from.add(writer.act);
        }
      }
      from.sort(Comparator.comparingInt(source -> source == START || happened.get(source) ? 0 : 1));
      return from;
    }

    private boolean isPossible(int source, Reader reader) {
      if (source != START && order.before(reader.act, source)) {
        return false;
      }
      for (Writer writer : writers.get(reader.key)) {
        int act = writer.act;
        // A write in between hides it. A delete in between is the better source.
        if (act != reader.act
            && act != source
            && happened.get(act)
            && (source == START || order.before(source, act))
            && order.before(act, reader.act)) {
          return false;
        }
      }
      return true;
    }

    /** The branches from here; none if nothing is open. */
    List<State> choices() {
      int fewest = -1;
      List<Integer> from = List.of();
      for (int i = 0; i < sources.length; i++) {
        if (sources[i] == OPEN && happened.get(readers.get(i).act)) {
          List<Integer> candidates = candidates(readers.get(i));
          if (fewest < 0 || candidates.size() < from.size()) {
            fewest = i;
            from = candidates;
          }
        }
      }
      List<State> choices = new ArrayList<>();
      for (int source : from) {
        State choice = copy();
        choice.sources[fewest] = source;
        choices.add(choice);
      }
      return fewest < 0 ? eitherWay() : choices;
    }

    private List<State> eitherWay() {
      for (int i = 0; i < sources.length; i++) {
        Reader reader = readers.get(i);
        for (Writer writer : writers.get(reader.key)) {
          Alternative open = new Alternative(writer.act, sources[i], reader.act);
          if (happened.get(reader.act) && competes(writer, reader, sources[i]) && isOpen(open)) {
            State first = copy();
            State second = copy();
            boolean one = first.order.add(open.write, open.source);
            boolean other = second.order.add(open.reader, open.write);
            return one && other ? List.of(first, second) : List.of(one ? first : second);
          }
        }
      }
      return List.of();
    }
  }
}
