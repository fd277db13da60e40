import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The clients of a fault round, and their journal, which outlives the server since it is in another
 * process. They read orders from standard input and respond to each line with one line:
 *
 * <pre>
 * go PORT [MIXED|FILL|DELETE]  starts the writers
 * freeze                       from this response on, acknowledgements do not count
 * halt                         stops the writers
 * mark                         resets the counts of responses
 * counts                       the responses since then by kind, such as write-2xx, read-200
 * await KIND SECONDS           waits until there is one of that kind
 * check PORT                   checks each key against its history, and writes to every shard
 * plant PORT N                 changes N keys without the journal
 * forgive                      forgets the violations so far: they were provoked
 * fresh                        starts with new keys: the directory is new
 * figures                      all counts
 * quit                         exits, with code 1 after a violation
 * </pre>
 *
 * <p>Threads: the main thread executes the orders; each writer has its own.
 */
final class Clients {

  private static final int WRITERS = Integer.getInteger("writers", 16);
  private static final int KEYS = Integer.getInteger("keys", 24);
  private static final long STOP_MILLIS = 40_000;

  private final Tally tally;
  private final long seed;
  private final List<Writer> writers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private int epoch;

  private Clients(long seed, Path breaches) {
    this.seed = seed;
    tally = new Tally(breaches);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(random.split(), tally));
    }
  }

  /** The arguments are the seed, and the file to which violations are written. */
  public static void main(String[] args) throws InterruptedException {
    Clients clients = new Clients(Long.parseLong(args[0]), Path.of(args[1]));
    for (String line = IO.readln(); line != null; line = IO.readln()) {
      String[] words = line.split(" ");
      if (words[0].equals("quit")) {
        break;
      }
      IO.println(clients.obey(words));
    }
    System.exit(clients.tally.breaches() == 0 ? 0 : 1);
  }

  private String obey(String[] words) throws InterruptedException {
    return switch (words[0]) {
      case "go" -> go(Integer.parseInt(words[1]), words.length > 2 ? words[2] : "MIXED");
      case "freeze" -> {
        writers.forEach(Writer::freeze);
        yield "frozen";
      }
      case "halt" -> halt();
      case "mark" -> {
        tally.mark();
        yield "marked";
      }
      case "counts" -> "counts " + tally.marked();
      case "await" -> await(words[1], Long.parseLong(words[2]));
      case "check" -> check(Integer.parseInt(words[1]));
      case "plant" -> plant(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      case "forgive" -> {
        tally.forgive();
        yield "forgiven";
      }
      case "fresh" -> {
        epoch++;
        writers.forEach(Writer::startAfresh);
        tally.forgetRevisions();
        yield "fresh";
      }
      case "figures" -> tally.figures();
      default -> "no such order: " + words[0];
    };
  }

  private String go(int port, String work) {
    for (int i = 0; i < WRITERS; i++) {
      Writer writer = writers.get(i);
      writer.begin(port, Writer.Work.valueOf(work.toUpperCase(Locale.ROOT)));
      if (writer.keys.isEmpty()) {
        writer.keys = keys(i, writer.wire);
      }
    }
    for (Writer writer : writers) {
      threads.add(Thread.ofPlatform().daemon().start(writer));
    }
    return "going";
  }

  private List<History> keys(int writer, Wire wire) {
    List<History> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      String key = "s%d-e%d-w%d-k%d".formatted(seed, epoch, writer, i);
      keys.add(new History(key, shardOf(key, wire), tally));
    }
    return keys;
  }

  /** The shard of a key, whose keys share increasing revisions. */
  static String shardOf(String key, Wire wire) {
    try {
      Wire.Answer answer = wire.get("/actuator/ring?key=" + key);
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      return text.replaceAll("(?s).*\"shard\":(\\d+).*", "$1");
    } catch (Wire.NotSent | Wire.Broken e) {
      throw new IllegalStateException("the ring does not say where " + key + " lives", e);
    }
  }

  private String halt() throws InterruptedException {
    writers.forEach(Writer::stop);
    for (Thread thread : threads) {
      thread.join(STOP_MILLIS);
      if (thread.isAlive()) {
        throw new IllegalStateException("a writer does not end");
      }
    }
    threads.clear();
    return "halted " + tally.figures();
  }

  private String await(String kind, long seconds) {
    long began = System.nanoTime();
    long limit = TimeUnit.SECONDS.toNanos(seconds);
    while (tally.seen(kind) == 0) {
      if (System.nanoTime() - began > limit) {
        return "unseen " + kind + " " + tally.marked();
      }
      LockSupport.parkNanos(2_000_000);
    }
    return "seen " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  private String check(int port) {
    long before = tally.breaches();
    int told = 0;
    int silent = 0;
    for (Writer writer : writers) {
      writer.begin(port, Writer.Work.MIXED);
      for (History history : writer.keys) {
        if (writer.get(history, true)) {
          told++;
        } else {
          silent++;
        }
      }
      if (silent == 0) {
        writer.settlePairs();
      }
      writer.stop();
    }
    int probes = probe();
    return "checked keys=%d unanswered=%d breaches=%d probes=%d"
        .formatted(told, silent, tally.breaches() - before, probes);
  }

  /**
   * The first new write of each shard has a greater revision than any that the shard has ever
   * returned.
   */
  private int probe() {
    List<String> done = new ArrayList<>();
    for (Writer writer : writers) {
      for (History history : writer.keys) {
        if (!done.contains(history.shard)) {
          long greatest = tally.greatest(history.shard);
          long acknowledged = tally.acknowledged.sum();
          writer.put(history, 100, "");
          if (tally.acknowledged.sum() > acknowledged) {
            done.add(history.shard);
            if (history.knownRevision() <= greatest) {
              tally.breach(
                  tally.back,
                  "shard %s: first new version %d, but %d was seen"
                      .formatted(history.shard, history.knownRevision(), greatest));
            }
          }
        }
      }
    }
    return done.size();
  }

  /** Deletes keys, or writes an older value, unknown bytes, or a refused value, in turn. */
  private String plant(int port, int count) {
    int planted = 0;
    Wire wire = new Wire();
    wire.to(port);
    for (Writer writer : writers) {
      for (History history : writer.keys) {
        if (planted < count && history.surelyPresent()) {
          try {
            spoil(wire, history, planted % 4);
            planted++;
          } catch (Wire.NotSent | Wire.Broken e) {
            return "planted " + planted + ", then " + e;
          }
        }
      }
    }
    return "planted " + planted;
  }

  private static void spoil(Wire wire, History history, int how) throws Wire.NotSent, Wire.Broken {
    String path = "/kv/" + history.key;
    if (how == 0) {
      wire.ask("DELETE", path, "", new byte[0]);
      return;
    }
    byte[] value = Values.of(history.key, how == 3 ? history.someRefused() : 1, 100);
    if (how == 2) {
      value[value.length - 1] ^= 1;
    }
    wire.ask("PUT", path, "", value);
  }
}
