import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The possible states of one key. The first is the last state that was acknowledged or read. The
 * following ones, in order, are those that attempts with unknown outcome may have produced. A state
 * that was acknowledged or read excludes all earlier ones forever.
 *
 * <p>Threads: confined to the writer that owns the key; while the key rests, to the checker.
 */
final class History {

  /** The limit of attempts with unknown outcome. Then the key rests until the next check. */
  private static final int IN_DOUBT = 100;

  private static final int REMEMBERED = 16;
  private static final State ABSENT = new State(0, 0, 0, false);

  /**
   * A state of a key.
   *
   * @param sequence the number of the write that made the value; 0 if there is none
   * @param revision 0 if unknown
   * @param expires whether it has a time to live
   */
  record State(long sequence, int size, long revision, boolean expires) {

    boolean present() {
      return sequence != 0;
    }

    @Override
    public String toString() {
      String version = revision == 0 ? "?" : Long.toString(revision, Values.RADIX);
      return present()
          ? "#" + sequence + " at " + version + (expires ? " with ttl" : "")
          : "absent";
    }

    State at(long newRevision) {
      return new State(sequence, size, newRevision, expires);
    }
  }

  final String key;
  final String shard;
  private final Tally tally;
  private final Deque<String> recent = new ArrayDeque<>();
  private final Set<Long> refused = new HashSet<>();
  private List<State> possible = new ArrayList<>(List.of(ABSENT));
  private long greatest;
  private long issued;

  History(String key, String shard, Tally tally) {
    this.key = key;
    this.shard = shard;
    this.tally = tally;
  }

  long nextSequence() {
    return ++issued;
  }

  boolean tooDoubtful() {
    return possible.size() > IN_DOUBT;
  }

  /** A write that was refused, or the first one. */
  long someRefused() {
    return refused.stream().mapToLong(Long::longValue).max().orElse(1);
  }

  /** The number of the write that it contains, once that is certain; 0 for none. */
  long shown() {
    return possible.getFirst().sequence();
  }

  /** Whether it certainly has a value now. */
  boolean surelyPresent() {
    return possible.stream().allMatch(State::present);
  }

  /** The latest known revision that the key may have, or 0. */
  long knownRevision() {
    return possible.reversed().stream()
        .mapToLong(State::revision)
        .filter(r -> r > 0)
        .findFirst()
        .orElse(0);
  }

  /** A write was acknowledged that replaces any state. */
  void acknowledged(String what, State made, Predicate<State> before) {
    remember(what + " acknowledged as " + made);
    if (possible.stream().noneMatch(before)) {
      breach(tally.lost, what + " does not fit any possible state");
    }
    if (made.present()) {
      forward(made.revision());
    }
    possible = new ArrayList<>(List.of(made));
  }

  /** A change of the expiry was acknowledged: the value stays the same, whichever it was. */
  void touched(long revision, boolean expires) {
    remember("PATCH acknowledged at " + Long.toString(revision, Values.RADIX));
    forward(revision);
    List<State> after = touchedStates(revision, expires);
    if (after.isEmpty()) {
      breach(tally.lost, "PATCH found a value where there can be none");
      return;
    }
    possible = after;
  }

  /** A write may have produced this state, if it found one that matches. */
  void doubtful(String what, State made, Predicate<State> before) {
    remember(what + " unknown, perhaps " + made);
    if (possible.stream().anyMatch(before)) {
      possible.add(made);
    }
  }

  void doubtfulTouch(boolean expires) {
    remember("PATCH unknown");
    possible.addAll(touchedStates(0, expires));
  }

  /** The server reported that this write was not applied: its value must never be read. */
  void refused(String what, long sequence) {
    remember(what + " refused as not applied");
    refused.add(sequence);
  }

  /** A response contained the version without the value: 0 for none. */
  void sawRevision(String what, long revision) {
    remember(what + " told version " + Long.toString(revision, Values.RADIX));
    narrow(
        what,
        state ->
            revision == 0
                ? !state.present()
                : state.present() && (state.revision() == 0 || state.revision() == revision),
        new State(0, 0, revision, false));
  }

  /**
   * A read returned this.
   *
   * @param settled nothing is in flight any more: states that the read did not return are excluded
   */
  void read(State shown, boolean settled) {
    remember("GET showed " + shown);
    if (possible.stream().noneMatch(state -> fits(state, shown))) {
      breach(
          refused.contains(shown.sequence()) ? tally.ghosts : tally.lost, "a read showed " + shown);
      possible = new ArrayList<>(List.of(shown));
    }
    narrow("GET", state -> fits(state, shown), shown);
    State first = possible.getFirst();
    if (shown.present() && first.revision() == 0) {
      forward(shown.revision());
      possible.set(0, shown);
    }
    if (settled) {
      possible = new ArrayList<>(List.of(shown));
    }
  }

  /** A read returned bytes that nobody has ever written under this key. */
  void wrongBytes(byte[] bytes) {
    String text = new String(bytes, 0, Math.min(80, bytes.length), StandardCharsets.ISO_8859_1);
    breach(tally.wrong, "a read showed bytes that were never written: " + text);
  }

  private static boolean fits(State state, State shown) {
    return state.sequence() == shown.sequence()
        && (!state.present()
            || (state.revision() == 0 || state.revision() == shown.revision())
                && state.expires() == shown.expires());
  }

  private void narrow(String what, Predicate<State> holds, State shown) {
    int first = 0;
    while (first < possible.size() && !holds.test(possible.get(first))) {
      first++;
    }
    if (first == possible.size()) {
      breach(tally.lost, what + " showed " + shown);
      return;
    }
    possible = new ArrayList<>(possible.subList(first, possible.size()));
  }

  private List<State> touchedStates(long revision, boolean expires) {
    List<State> after = new ArrayList<>();
    for (State state : possible) {
      if (state.present()) {
        after.add(new State(state.sequence(), state.size(), revision, expires));
      }
    }
    return after;
  }

  private void forward(long revision) {
    if (revision <= greatest) {
      breach(
          tally.back,
          "version %s after %s"
              .formatted(
                  Long.toString(revision, Values.RADIX), Long.toString(greatest, Values.RADIX)));
    }
    greatest = Math.max(greatest, revision);
    tally.raise(shard, revision);
  }

  private void remember(String event) {
    if (recent.size() == REMEMBERED) {
      recent.removeFirst();
    }
    recent.addLast(event);
  }

  private void breach(LongAdder kind, String what) {
    tally.breach(
        kind, key + " (shard " + shard + "): " + what + "; possible " + possible + "; " + recent);
  }
}
