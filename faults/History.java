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
 * What one key may hold. The first possible state is the last one that was acknowledged or read;
 * behind it, in their order, is what attempts of unknown outcome may have made of it. A state that
 * was acknowledged, or that somebody has read, rules out all before it for ever.
 *
 * <p>Threads: confined to the writer that owns the key; while it rests, to the checker.
 */
final class History {

  /** As many attempts may be in doubt; then the key rests until the next check. */
  private static final int IN_DOUBT = 100;

  private static final int REMEMBERED = 16;
  private static final State ABSENT = new State(0, 0, 0, false);

  /**
   * What a key holds.
   *
   * @param sequence number of the write that made the value; 0 where there is none
   * @param revision 0 where nobody has been told
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

  /** The number of the write that it holds, once that is settled; 0 for none. */
  long shown() {
    return possible.getFirst().sequence();
  }

  /** Whether it surely holds a value now. */
  boolean surelyPresent() {
    return possible.stream().allMatch(State::present);
  }

  /** The latest revision that the key may be at and that somebody was told, or 0. */
  long knownRevision() {
    return possible.reversed().stream()
        .mapToLong(State::revision)
        .filter(r -> r > 0)
        .findFirst()
        .orElse(0);
  }

  /** A write was acknowledged that replaces whatever there was. */
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

  /** A change of the expiry was acknowledged: the value stays whichever it was. */
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

  /** A write may or may not have made this state, if it found one that fits. */
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

  /** The server said that this write was not applied: its value must never show. */
  void refused(String what, long sequence) {
    remember(what + " refused as not applied");
    refused.add(sequence);
  }

  /** An answer told the version without the value: 0 for none. */
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
   * A read showed this.
   *
   * @param settled nothing is under way any more: what the read did not show will never be
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

  /** A read showed bytes that nobody ever wrote under this key. */
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
