import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that writes to its own keys, one request at a time, and keeps their histories.
 *
 * <p>Threads: {@code run} has its own; everything else is called while that is not running.
 */
final class Writer implements Runnable {

  /** The requests that a writer sends. */
  enum Work {
    /** All kinds of requests, with small values. */
    MIXED,
    /** Values that fill a disk. */
    FILL,
    /** Only deletes. */
    DELETE
  }

  private static final byte[] EMPTY = {};
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  /** The limit of keys that rest. */
  private static final int RESTING = 8;

  /**
   * A transaction with unknown outcome: both keys contain what it wrote, or neither. They rest
   * until that is known.
   */
  record Pair(History one, long first, History other, long second) {

    boolean has(History history) {
      return one.equals(history) || other.equals(history);
    }

    /** Called after both were read and nothing is in flight. */
    boolean isTorn() {
      return (one.shown() == first) != (other.shown() == second);
    }
  }

  final Wire wire = new Wire();
  final List<Pair> pairs = new ArrayList<>();
  List<History> keys = List.of();
  private final SplittableRandom random;
  private final Tally tally;
  private volatile Work work = Work.MIXED;
  private volatile boolean stopped = true;

  /** From here on a response proves nothing: it may have been sent after the power failure. */
  private volatile boolean frozen;

  Writer(SplittableRandom random, Tally tally) {
    this.random = random;
    this.tally = tally;
  }

  void begin(int port, Work kind) {
    wire.to(port);
    work = kind;
    frozen = false;
    stopped = false;
  }

  /** Forgets its keys, since the directory is new. */
  void startAfresh() {
    keys = List.of();
    pairs.clear();
  }

  void freeze() {
    frozen = true;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    while (!stopped) {
      History history = keys.get(random.nextInt(keys.size()));
      if (history.tooDoubtful() || pairs.stream().anyMatch(pair -> pair.has(history))) {
        LockSupport.parkNanos(PAUSE / 10);
        continue;
      }
      switch (work) {
        case FILL -> put(history, 48 << 10, "");
        case DELETE -> delete(history);
        case MIXED -> mixed(history);
      }
    }
  }

  private void mixed(History history) {
    int choice = random.nextInt(100);
    long revision = history.knownRevision();
    int size = choice % 10 == 0 ? 4096 : 60 + random.nextInt(140);
    if (choice < 40) {
      put(history, size, "");
    } else if (choice < 52) {
      put(history, size, "If-None-Match: *\r\n");
    } else if (choice < 68 && revision > 0) {
      put(history, size, "If-Match: \"" + Long.toString(revision, Values.RADIX) + "\"\r\n");
    } else if (choice < 78) {
      delete(history);
    } else if (choice < 84) {
      patch(history);
    } else if (choice < 90 && 2 * pairs.size() < RESTING) {
      transact(history, keys.get(random.nextInt(keys.size())));
    } else {
      get(history, false);
    }
  }

  /** Writes a value; without headers, whatever the state of the key. */
  void put(History history, int size, String headers) {
    long sequence = history.nextSequence();
    boolean expires = random.nextInt(5) == 0;
    byte[] value = Values.of(history.key, sequence, size);
    String what = "PUT #" + sequence + " " + headers.strip();
    String path = "/kv/" + history.key + (expires ? "?ttl=12h" : "");
    boolean create = headers.startsWith("If-None");
    long expected = headers.startsWith("If-Match") ? history.knownRevision() : 0;
    Predicates before = new Predicates(create, expected);
    History.State made = new History.State(sequence, value.length, 0, expires);
    tally.operations.increment();
    try {
      Wire.Answer answer = wire.ask("PUT", path, headers, value);
      if (frozen) {
        inDoubt(() -> history.doubtful(what, made, before::hold));
      } else if (answer.ok()) {
        acknowledged();
        tally.see("put-2xx");
        Predicates fits = before.knowing(answer.status() == 201);
        history.acknowledged(what, made.at(Values.revision(answer.etag())), fits::hold);
      } else if (answer.status() == 412) {
        tally.see("write-412");
        history.refused(what, sequence);
        history.sawRevision(what, Values.revision(answer.etag()));
      } else if (notApplied(answer)) {
        history.refused(what, sequence);
      } else {
        inDoubt(() -> history.doubtful(what, made, before::hold));
      }
    } catch (Wire.NotSent e) {
      pause();
    } catch (Wire.Broken e) {
      broken(e);
      inDoubt(() -> history.doubtful(what, made, before::hold));
    }
  }

  /** Writes two keys, or neither. */
  private void transact(History one, History other) {
    if (one.equals(other)
        || other.tooDoubtful()
        || pairs.stream().anyMatch(pair -> pair.has(other))) {
      return;
    }
    Pair pair = new Pair(one, one.nextSequence(), other, other.nextSequence());
    byte[] first = Values.of(one.key, pair.first, 100);
    byte[] second = Values.of(other.key, pair.second, 100);
    String body = "{\"then\":[%s,%s]}".formatted(operation(one, first), operation(other, second));
    tally.operations.increment();
    try {
      Wire.Answer answer =
          wire.ask(
              "POST",
              "/txn",
              "Content-Type: application/json\r\n",
              body.getBytes(StandardCharsets.US_ASCII));
      if (!frozen && answer.ok()) {
        acknowledged();
        List<Long> revisions = Values.revisions(answer.body());
        one.acknowledged("TXN", state(pair.first, first, revisions.get(0)), _ -> true);
        other.acknowledged("TXN", state(pair.second, second, revisions.get(1)), _ -> true);
      } else if (!frozen && notApplied(answer)) {
        one.refused("TXN", pair.first);
        other.refused("TXN", pair.second);
      } else {
        inDoubt(() -> doubtful(pair, first, second));
      }
    } catch (Wire.NotSent e) {
      pause();
    } catch (Wire.Broken e) {
      broken(e);
      inDoubt(() -> doubtful(pair, first, second));
    }
  }

  private void doubtful(Pair pair, byte[] first, byte[] second) {
    pair.one.doubtful("TXN", state(pair.first, first, 0), _ -> true);
    pair.other.doubtful("TXN", state(pair.second, second, 0), _ -> true);
    pairs.add(pair);
  }

  private static History.State state(long sequence, byte[] value, long revision) {
    return new History.State(sequence, value.length, revision, false);
  }

  private static String operation(History history, byte[] value) {
    return "{\"op\":\"put\",\"key\":\"%s\",\"base64\":\"%s\"}"
        .formatted(history.key, Base64.getEncoder().encodeToString(value));
  }

  /**
   * Called after all keys were read, with nothing in flight: no transaction may be visible in part.
   */
  void settlePairs() {
    for (Pair pair : pairs) {
      if (pair.isTorn()) {
        tally.breach(
            tally.lost,
            "half of a transaction: %s #%d, %s #%d"
                .formatted(pair.one.key, pair.first, pair.other.key, pair.second));
      }
    }
    pairs.clear();
  }

  /** The states that a conditional write may have found. */
  private record Predicates(boolean absent, boolean present, long revision) {

    Predicates(boolean create, long revision) {
      this(true, !create, revision);
    }

    Predicates knowing(boolean created) {
      return new Predicates(absent && created, present && !created, revision);
    }

    boolean hold(History.State state) {
      if (!state.present()) {
        return absent && revision == 0;
      }
      return present && (revision == 0 || state.revision() == 0 || state.revision() == revision);
    }
  }

  void delete(History history) {
    History.State absent = new History.State(0, 0, 0, false);
    tally.operations.increment();
    try {
      Wire.Answer answer = wire.ask("DELETE", "/kv/" + history.key, "", EMPTY);
      if (!frozen && answer.ok()) {
        acknowledged();
        tally.see("delete-2xx");
        history.acknowledged("DELETE", absent, _ -> true);
      } else if (!frozen && notApplied(answer)) {
        history.refused("DELETE", -1);
      } else {
        inDoubt(() -> history.doubtful("DELETE", absent, _ -> true));
      }
    } catch (Wire.NotSent e) {
      pause();
    } catch (Wire.Broken e) {
      broken(e);
      inDoubt(() -> history.doubtful("DELETE", absent, _ -> true));
    }
  }

  private void patch(History history) {
    boolean expires = random.nextBoolean();
    tally.operations.increment();
    try {
      Wire.Answer answer =
          wire.ask("PATCH", "/kv/" + history.key + "?ttl=" + (expires ? "3d" : "none"), "", EMPTY);
      if (frozen) {
        inDoubt(() -> history.doubtfulTouch(expires));
      } else if (answer.ok()) {
        acknowledged();
        history.touched(Values.revision(answer.etag()), expires);
      } else if (answer.status() == 404) {
        tally.see("write-404");
        history.sawRevision("PATCH", 0);
      } else if (notApplied(answer)) {
        history.refused("PATCH", -1);
      } else {
        inDoubt(() -> history.doubtfulTouch(expires));
      }
    } catch (Wire.NotSent e) {
      pause();
    } catch (Wire.Broken e) {
      broken(e);
      inDoubt(() -> history.doubtfulTouch(expires));
    }
  }

  /**
   * Reads a key and checks the result against its history.
   *
   * @param settled whether nothing is in flight
   * @return whether the response shows the state
   */
  boolean get(History history, boolean settled) {
    tally.operations.increment();
    try {
      Wire.Answer answer = wire.get("/kv/" + history.key);
      boolean corrupt = answer.status() == 500 && answer.code().equals("corrupt");
      tally.see("read-" + (corrupt ? "corrupt" : answer.status()));
      if (frozen || answer.status() != 200 && answer.status() != 404) {
        return false;
      }
      if (answer.status() == 404) {
        history.read(new History.State(0, 0, 0, false), settled);
        return true;
      }
      long sequence = Values.sequence(history.key, answer.body());
      if (sequence == 0) {
        history.wrongBytes(answer.body());
        return true;
      }
      history.read(
          new History.State(
              sequence, answer.body().length, Values.revision(answer.etag()), answer.expires()),
          settled);
      return true;
    } catch (Wire.NotSent e) {
      tally.see("read-unsent");
      pause();
    } catch (Wire.Broken e) {
      tally.see("read-broken");
      broken(e);
    }
    return false;
  }

  private void acknowledged() {
    tally.acknowledged.increment();
    tally.see("write-2xx");
  }

  /** Whether a failed write reports that it was not applied. Otherwise its outcome is unknown. */
  private boolean notApplied(Wire.Answer answer) {
    tally.see("write-" + answer.status());
    if (answer.status() >= 500 && answer.applied().isEmpty()) {
      tally.unsaid.increment();
      tally.see("unsaid-" + answer.status() + "-" + answer.code());
    }
    boolean no = answer.applied().equals("no") || answer.status() < 500;
    if (no) {
      tally.refused.increment();
      LockSupport.parkNanos(PAUSE / 10);
    }
    return no;
  }

  private void inDoubt(Runnable entry) {
    tally.unknown.increment();
    tally.see("write-unknown");
    entry.run();
  }

  private void broken(Wire.Broken e) {
    if (e.sent && !frozen) {
      tally.cut.increment();
      tally.see("cut");
      tally.sawCut(String.valueOf(e.getMessage()));
    }
    pause();
  }

  private static void pause() {
    LockSupport.parkNanos(PAUSE);
  }
}
