import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that writes to its own keys, one request after the other, and keeps their histories.
 *
 * <p>Threads: {@code run} on its own; the rest while that is not running.
 */
final class Writer implements Runnable {

  /** What a writer sends. */
  enum Work {
    /** Everything there is, with small values. */
    MIXED,
    /** Values that fill a disk. */
    FILL,
    /** Deletes alone. */
    DELETE
  }

  private static final byte[] EMPTY = {};
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  final Wire wire = new Wire();
  List<History> keys = List.of();
  private final SplittableRandom random;
  private final Tally tally;
  private volatile Work work = Work.MIXED;
  private volatile boolean stopped = true;

  /** From here on an answer proves nothing: it may have been given after the power went. */
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
      if (history.tooDoubtful()) {
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
    } else if (choice < 86) {
      patch(history);
    } else {
      get(history, false);
    }
  }

  /** Writes a value; without headers whatever there is. */
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

  /** Which states a conditional write may have found. */
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
   * Reads a key and holds what it shows to its history.
   *
   * @param settled whether nothing is under way
   * @return whether the server gave an answer that tells the state
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

  /** Whether a failed write said that it was not applied; one that doesn't say is in doubt. */
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
