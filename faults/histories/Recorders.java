import dev.nebulastore.history.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients whose complete history is checked. They read orders from standard input and respond to
 * each line with one line:
 *
 * <pre>
 * go PORT          starts or continues the clients
 * reach N SECONDS  waits until N operations were made since the last check
 * halt             stops the clients
 * check PORT       reads every key once more, and runs both checkers on every history
 * figures          all counts
 * quit             exits
 * </pre>
 *
 * <p>Threads: the main thread executes the orders; each client has its own.
 */
final class Recorders {

  private static final int CLIENTS = Integer.getInteger("clients", 12);
  private static final int TRIES = 100;
  private static final int TOLD = 5;
  private static final long STOP_MILLIS = 40_000;

  private final Counts counts = new Counts();
  private final Groups groups;
  private final Path breaches;
  private final List<Recorder> recorders = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private long checkedOperations;
  private long histories;
  private long bySearch;
  private long byOrder;
  private long undecided;
  private long disagreements;
  private long violations;

  private Recorders(long seed, Path breaches) {
    this.breaches = breaches;
    groups = new Groups(seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < CLIENTS; i++) {
      recorders.add(new Recorder(random.split(), groups, counts));
    }
  }

  /** The arguments are the seed, and the file to which invalid histories are written. */
  public static void main(String[] args) throws InterruptedException, IOException {
    Recorders recorders = new Recorders(Long.parseLong(args[0]), Path.of(args[1]));
    for (String line = IO.readln(); line != null; line = IO.readln()) {
      String[] words = line.split(" ");
      if (words[0].equals("quit")) {
        break;
      }
      IO.println(recorders.obey(words));
    }
    System.exit(0);
  }

  private String obey(String[] words) throws InterruptedException, IOException {
    return switch (words[0]) {
      case "go" -> go(Integer.parseInt(words[1]));
      case "reach" -> reach(Long.parseLong(words[1]), Long.parseLong(words[2]));
      case "halt" -> halt();
      case "check" -> check(Integer.parseInt(words[1]));
      case "figures" -> figures();
      default -> "no such order: " + words[0];
    };
  }

  private String go(int port) {
    for (Recorder recorder : recorders) {
      recorder.begin(port);
      threads.add(Thread.ofPlatform().daemon().start(recorder));
    }
    return "going";
  }

  private String reach(long operations, long seconds) {
    long began = System.nanoTime();
    long goal = checkedOperations + operations;
    while (counts.operations.sum() < goal
        && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(seconds)) {
      LockSupport.parkNanos(2_000_000);
    }
    long made = counts.operations.sum() - checkedOperations;
    return (made >= operations ? "reached " : "short ") + made;
  }

  private String halt() throws InterruptedException {
    recorders.forEach(Recorder::stop);
    for (Thread thread : threads) {
      thread.join(STOP_MILLIS);
      if (thread.isAlive()) {
        throw new IllegalStateException("a client does not end");
      }
    }
    threads.clear();
    return "halted";
  }

  private String check(int port) throws IOException {
    Recorder reader = recorders.getFirst();
    reader.begin(port);
    long violationsBefore = violations;
    int unanswered = 0;
    List<Group> all = groups.startAfresh();
    for (Group group : all) {
      int tries = 0;
      while (!reader.readAll(group) && ++tries < TRIES) {
        LockSupport.parkNanos(20_000_000);
      }
      unanswered += tries == TRIES ? 1 : 0;
      judge(group);
    }
    checkedOperations = counts.operations.sum();
    return "checked histories=%d unanswered=%d breaches=%d"
        .formatted(all.size(), unanswered, violations - violationsBefore);
  }

  private void judge(Group group) throws IOException {
    Group.Findings findings = group.check();
    histories++;
    bySearch += findings.search() == Verdict.BROKEN ? 1 : 0;
    byOrder += findings.order() == Verdict.BROKEN ? 1 : 0;
    boolean open = findings.search() == Verdict.UNDECIDED || findings.order() == Verdict.UNDECIDED;
    undecided += open ? 1 : 0;
    disagreements += findings.search() != findings.order() ? 1 : 0;
    if (findings.search() != Verdict.HOLDS || findings.order() != Verdict.HOLDS) {
      violations++;
      if (violations <= TOLD) {
        String text = "Wing-Gong-Lowe: %s, version order: %s; %s";
        Files.writeString(
            breaches,
            text.formatted(findings.search(), findings.order(), group.told()),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
    }
  }

  private String figures() {
    return "%s histories=%d violations=%d by-search=%d by-version-order=%d undecided=%d disagreements=%d"
        .formatted(
            counts.figures(), histories, violations, bySearch, byOrder, undecided, disagreements);
  }
}
