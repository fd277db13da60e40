import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Reads keys of all shards except one, at a constant rate, through Tomcat and on the fast path,
 * first without other load and then together with a {@link Crowd}. Prints the p99 of both as
 * medians of several windows, the responses to the crowd, and the memory of the server.
 *
 * <p>Threads: one reads; one drives the crowd.
 */
final class Load {

  private static final String HOT = "hot";
  private static final int LARGE = 256 << 10;
  private static final int WINDOWS = 5;
  private static final int EACH_NEW = 20;
  private static final long PACE = 2_000_000;

  /** The server names one second. */
  private static final long RETRY_AFTER = 1_000_000_000;

  private static final String GIVEN = "Host: localhost\r\n";

  /** A header without a meaning: requests with it go through Tomcat, others take the fast path. */
  private static final String UNCOMMON = "Uncommon: x\r\n";

  private final Wire wire = new Wire();
  private final Wire tomcatWire = new Wire();
  private final List<String> keys = new ArrayList<>();
  private final int port;
  private final long window;
  private boolean newcomers;
  private int newcomersFailed;
  private int readsFailed;
  private int readsRefused;

  private Load(int port, long windowMillis) throws Exception {
    this.port = port;
    wire.to(port);
    tomcatWire.to(port);
    window = windowMillis * 1_000_000;
    String spared = Clients.shardOf(HOT, wire);
    for (int i = 0; keys.size() < 32; i++) {
      String key = "load-" + i;
      if (!Clients.shardOf(key, wire).equals(spared)) {
        wire.ask("PUT", "/kv/" + key, "", Values.of(key, 1, 100));
        keys.add("/kv/" + key);
      }
    }
  }

  /**
   * The arguments are the port, the process id of the server, what to do, the number of
   * connections, and milliseconds.
   */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    int connections = Integer.parseInt(args[3]);
    Load load = new Load(port, Long.parseLong(args[4]));
    load.window();
    long before = memory(args[1], "VmRSS");
    long quiet = load.p99();
    Crowd crowd = new Crowd(port, plan(args[2], connections));
    load.newcomers = args[2].equals("silent") || args[2].equals("served");
    crowd.start();
    long until = System.nanoTime() + 60_000_000_000L;
    while (crowd.counted("connected") < connections && System.nanoTime() < until) {
      LockSupport.parkNanos(PACE);
    }
    long loaded = load.p99();
    long during = memory(args[1], "VmRSS");
    // New clients are served, too.
    Wire newcomer = new Wire();
    newcomer.to(port);
    int status = newcomer.get("/actuator/health/liveness").status();
    crowd.stop();
    IO.println(
        "quiet-p99=%d p99=%d ratio=%.2f rss-before=%d rss=%d rss-peak=%d newcomer=%d new-failed=%d reads-failed=%d reads-refused=%d%s"
            .formatted(
                quiet,
                loaded,
                (double) loaded / quiet,
                before,
                during,
                memory(args[1], "VmHWM"),
                status,
                load.newcomersFailed,
                load.readsFailed,
                load.readsRefused,
                crowd.counts()));
    System.exit(0);
  }

  private static Crowd.Plan plan(String what, int connections) {
    String get = "GET /kv/absent HTTP/1.1\r\n" + GIVEN;
    String put = "PUT /kv/" + HOT + " HTTP/1.1\r\n" + GIVEN + "Content-Length: 4\r\n\r\nabcd";
    long second = 1_000_000_000;
    return switch (what) {
      case "idle" -> plan(connections, 3_600 * second, get + "\r\n");
      case "silent" -> silent(connections, 2 * second, get);
      case "served" -> plan(connections, 2 * second, get + "Prefer: wait=300\r\n\r\n");
      case "slowloris" -> plan(connections, 5 * second, get + Crowd.TRICKLE);
      case "slowbody" ->
          plan(
              connections,
              5 * second,
              put.replace("4\r\n\r\nabcd", "4000\r\n\r\n") + Crowd.TRICKLE);
      case "streams" ->
          new Crowd.Plan(connections, 3_600 * second, List.of(Streams.withoutEnd(100)), false);
      case "hotkey" -> plan(connections, 2 * second, put);
      case "full" -> plan(connections, second / 5, put);
      case "values" -> plan(connections, 4 * second, largePut());
      default -> throw new IllegalArgumentException(what);
    };
  }

  private static String largePut() {
    String head = "PUT /kv/" + HOT + " HTTP/1.1\r\n" + GIVEN + "Content-Length: " + LARGE;
    return head + "\r\n\r\n" + "v".repeat(LARGE);
  }

  /** Half of the connections take one path, half the other. */
  private static Crowd.Plan plan(int connections, long pause, String request) {
    return new Crowd.Plan(connections, pause, bothWays(request).toList(), false);
  }

  /**
   * Connections that send nothing, half a head, or one that trickles, or are silent after a
   * response.
   */
  private static Crowd.Plan silent(int connections, long pause, String get) {
    List<byte[]> requests =
        Stream.of("", get, get + Crowd.TRICKLE, get + "\r\n").flatMap(Load::bothWays).toList();
    return new Crowd.Plan(connections, pause, requests, true);
  }

  private static Stream<byte[]> bothWays(String request) {
    return Stream.of(request, request.replace(GIVEN, GIVEN + UNCOMMON))
        .map(each -> each.getBytes(StandardCharsets.US_ASCII));
  }

  /** The median of the windows, in microseconds. */
  private long p99() throws Exception {
    long[] found = new long[WINDOWS];
    for (int i = 0; i < WINDOWS; i++) {
      found[i] = window();
    }
    Arrays.sort(found);
    return found[WINDOWS / 2] / 1_000;
  }

  private long window() throws Exception {
    long[] took = new long[(int) (window / PACE)];
    long due = System.nanoTime();
    for (int i = 0; i < took.length; i++) {
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      long began = System.nanoTime();
      if (newcomers) {
        readsFailed += isServed(i) ? 0 : 1;
      } else if (!read(i).ok()) {
        readsRefused++;
        LockSupport.parkNanos(RETRY_AFTER);
        if (!read(i).ok()) {
          throw new IllegalStateException("a read of another shard was refused twice");
        }
      }
      took[i] = System.nanoTime() - began;
      if (newcomers && i % EACH_NEW == 0) {
        comeAnew(keys.get(i % keys.size()));
      }
      due = Math.max(due + PACE, began);
    }
    Arrays.sort(took);
    return took[(int) (took.length * 0.99)];
  }

  private boolean isServed(int number) throws Exception {
    try {
      return read(number).ok();
    } catch (IOException e) {
      return false;
    }
  }

  /** A new client. */
  private void comeAnew(String key) {
    Wire newcomer = new Wire();
    newcomer.to(port);
    try {
      newcomersFailed += newcomer.get(key).ok() ? 0 : 1;
    } catch (IOException e) {
      newcomersFailed++;
    } finally {
      newcomer.close();
    }
  }

  /** Both paths in turn. */
  private Wire.Answer read(int number) throws Exception {
    String key = keys.get(number % keys.size());
    return number % 2 == 0 ? wire.get(key) : tomcatWire.ask("GET", key, UNCOMMON, new byte[0]);
  }

  /** The memory of a process, in megabytes. */
  static long memory(String process, String what) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
      if (line.startsWith(what + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
      }
    }
    return 0;
  }
}
