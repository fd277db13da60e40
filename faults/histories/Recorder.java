import dev.nebulastore.history.Act;
import dev.nebulastore.history.Linearizability;
import dev.nebulastore.history.Transcript.Request;
import dev.nebulastore.history.Transcript.Touch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A client that sends requests of all kinds to the keys of groups, one at a time, and records when
 * each was sent, when it returned, and the response.
 *
 * <p>Threads: {@code run} has its own; everything else is called while that is not running, except
 * for {@code stop}.
 */
final class Recorder implements Runnable {

  private static final byte[] EMPTY = {};
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private final Wire wire = new Wire();
  private final SplittableRandom random;
  private final Groups groups;
  private final Counts counts;
  private volatile boolean stopped;

  Recorder(SplittableRandom random, Groups groups, Counts counts) {
    this.random = random;
    this.groups = groups;
    this.counts = counts;
  }

  void begin(int port) {
    wire.to(port);
    stopped = false;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    while (!stopped) {
      Group group = groups.some(random);
      int key = random.nextInt(Group.KEYS);
      int choice = random.nextInt(100);
      if (choice < 22) {
        get(group, key);
      } else if (choice < 40) {
        put(group, key);
      } else if (choice < 50) {
        create(group, key);
      } else if (choice < 66) {
        swap(group, key);
      } else if (choice < 76) {
        delete(group, key);
      } else {
        transact(Bundle.some(group, random, counts));
      }
    }
  }

  /** Reads all keys of a group atomically; false if there was no response. */
  boolean readAll(Group group) {
    return transact(Bundle.reading(group));
  }

  private void get(Group group, int key) {
    ask(
        group,
        "GET " + key,
        () -> wire.get("/kv/" + group.key(key)),
        answer ->
            switch (answer.status()) {
              case 200 -> List.of(read(group, key, answer));
              case 404 -> List.of(new Touch(key, Act.ABSENT, 0, Act.KEEP, 0));
              default -> List.of();
            },
        List.of());
  }

  private static Touch read(Group group, int key, Wire.Answer answer) {
    long version = Values.revision(answer.etag());
    group.guess(key, version);
    String value = new String(answer.body(), StandardCharsets.US_ASCII);
    boolean number = value.matches("[1-9]\\d{0,17}");
    return new Touch(
        key, number ? version : Act.PHANTOM, number ? Long.parseLong(value) : 0, Act.KEEP, 0);
  }

  private void put(Group group, int key) {
    write(group, key, "PUT", "", Act.ANYTHING);
  }

  private void create(Group group, int key) {
    write(group, key, "PUT", "If-None-Match: *\r\n", Act.ABSENT);
  }

  private void swap(Group group, int key) {
    long version = group.version(key);
    if (version > 0) {
      write(group, key, "PUT", ifMatch(version), version);
    }
  }

  private void delete(Group group, int key) {
    long version = group.version(key);
    boolean any = version == 0 || random.nextBoolean();
    write(group, key, "DELETE", any ? "" : ifMatch(version), any ? Act.ANYTHING : version);
  }

  private static String ifMatch(long version) {
    return "If-Match: \"" + Long.toString(version, Values.RADIX) + "\"\r\n";
  }

  private void write(Group group, int key, String method, String headers, long expected) {
    boolean deletes = method.equals("DELETE");
    long value = deletes ? Act.ABSENT : counts.nextValue();
    byte[] content = deletes ? EMPTY : Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    ask(
        group,
        method + " " + key + " " + headers.strip(),
        () -> wire.ask(method, "/kv/" + group.key(key), headers, content),
        answer -> {
          long version = Values.revision(answer.etag());
          if (answer.status() == 412) {
            group.guess(key, version);
            boolean credible = expected != Act.ANYTHING && version != expected;
            return List.of(new Touch(key, credible ? version : Act.PHANTOM, 0, Act.KEEP, 0));
          }
          if (!answer.ok()) {
            return List.of();
          }
          group.guess(key, version);
          long found = deletes ? expected : found(answer.status(), expected);
          return List.of(new Touch(key, found, 0, value, version));
        },
        List.of(new Touch(key, expected, 0, value, 0)));
  }

  /** What the status says about the previous state: 201 for absent, 204 for present. */
  private static long found(int status, long expected) {
    boolean created = status == 201;
    if (expected == Act.ANYTHING) {
      return created ? Act.ABSENT : Act.PRESENT;
    }
    return created == (expected == Act.ABSENT) ? expected : Act.PHANTOM;
  }

  private boolean transact(Bundle bundle) {
    byte[] body = bundle.body().getBytes(StandardCharsets.US_ASCII);
    return ask(
        bundle.group(),
        "TXN " + bundle.what(),
        () -> wire.ask("POST", "/txn", "Content-Type: application/json\r\n", body),
        answer -> answer.status() == 200 ? bundle.answered(answer.body()) : List.of(),
        bundle.unanswered());
  }

  private interface Question {
    Wire.Answer ask() throws Wire.NotSent, Wire.Broken;
  }

  /**
   * Sends a request and records it.
   *
   * @param told the content of a response; nothing if it does not show the state of the key
   * @param perhaps the possible effect if the outcome is unknown; nothing for a read
   */
  private boolean ask(
      Group group,
      String what,
      Question question,
      Function<Wire.Answer, List<Touch>> told,
      List<Touch> perhaps) {
    counts.operations.increment();
    long called = System.nanoTime();
    try {
      Wire.Answer answer = question.ask();
      long returned = System.nanoTime();
      List<Touch> touches = told.apply(answer);
      if (!touches.isEmpty()) {
        counts.acknowledged.increment();
        group.record(new Request(what, called, returned, touches));
        return true;
      }
      if (answer.applied().equals("no")) {
        counts.refused.increment();
        LockSupport.parkNanos(PAUSE / 10);
        return false;
      }
      if (answer.status() < 500) {
        counts.unexpected(what + " was answered " + answer.status() + " " + answer.code());
      }
    } catch (Wire.NotSent e) {
      counts.unsent.increment();
      LockSupport.parkNanos(PAUSE);
      return false;
    } catch (Wire.Broken e) {
      LockSupport.parkNanos(PAUSE);
    }
    if (perhaps.isEmpty()) {
      counts.unread.increment();
    } else {
      counts.unknown.increment();
      group.record(new Request(what, called, Linearizability.NEVER, perhaps));
    }
    return false;
  }
}
