import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocketFactory;

/**
 * Many connections over TLS, each of which completes its handshake, sends one request and stays
 * open, or sends a head without an end; after them, connections that never complete a handshake.
 * Meanwhile one client reads on its connection, and new ones come. Prints how many of each were
 * served.
 *
 * <p>Threads: a few connect, one reads, one comes anew; they share counters.
 */
final class IdleTls {

  private static final int CONNECTORS = 12;
  private static final int EACH_SLOW = 4;
  private static final int YOUNGEST = 100;
  private static final int TOO_MANY_FAILURES = 10;
  private static final long PACE = 50_000_000;

  /** The beginning of a TLS record with a ClientHello of 508 bytes. */
  private static final byte[] PARTIAL_HELLO = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};

  private final int port;
  private final int connections;
  private final long until;
  private final SSLSocketFactory tls = Heavy.trusting();
  private final AtomicInteger begun = new AtomicInteger();
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final List<Wire> idle = Collections.synchronizedList(new ArrayList<>());
  private final List<Wire> slowHeads = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean over;

  private IdleTls(int port, int connections, long seconds) throws Exception {
    this.port = port;
    this.connections = connections;
    this.until = System.nanoTime() + seconds * 1_000_000_000;
  }

  /**
   * The arguments are the port, the process id of the server, the number of connections, the number
   * of those without a handshake, and the seconds after which no more are opened.
   */
  public static void main(String[] args) throws Exception {
    IdleTls round =
        new IdleTls(Integer.parseInt(args[0]), Integer.parseInt(args[2]), Long.parseLong(args[4]));
    Thread reader = Thread.ofPlatform().start(round::read);
    Thread newcomer = Thread.ofPlatform().start(round::comeAnew);
    round.open();
    int kept = round.kept();
    List<SocketChannel> half = round.halfOpen(Integer.parseInt(args[3]));
    // The two others meet what is left.
    LockSupport.parkNanos(20 * PACE);
    round.over = true;
    reader.join();
    newcomer.join();
    StringBuilder line =
        new StringBuilder(
            "begun=%d half-open=%d youngest-kept=%d newcomer=%d rss-peak=%d"
                .formatted(
                    Math.min(round.begun.get(), round.connections),
                    half.size(),
                    kept,
                    round.ask(round.wire()),
                    Load.memory(args[1], "VmHWM")));
    new TreeMap<>(round.counts)
        .forEach((what, times) -> line.append(' ').append(what).append('=').append(times));
    IO.println(line);
    System.exit(0);
  }

  private Wire wire() {
    Wire wire = new Wire();
    wire.to(port);
    wire.secure(tls);
    return wire;
  }

  /** The status of a response; 0 if there is none. */
  private int ask(Wire wire) {
    try {
      return wire.get("/kv/absent").status();
    } catch (IOException e) {
      return 0;
    }
  }

  private void count(String what) {
    counts.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
  }

  /** Counts a response: that to the request, a refusal, or none. */
  private boolean isServed(String whose, int status) {
    count(whose + (status == 404 ? "-served" : status == 503 ? "-refused" : "-failed"));
    return status == 404;
  }

  private int failures() {
    return counts.entrySet().stream()
        .filter(count -> count.getKey().endsWith("-failed"))
        .mapToInt(count -> count.getValue().get())
        .sum();
  }

  private boolean goesOn() {
    return System.nanoTime() < until && failures() < TOO_MANY_FAILURES;
  }

  private void open() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTORS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                int number = begun.getAndIncrement();
                while (goesOn() && number < connections) {
                  open(number % EACH_SLOW == 0);
                  number = begun.getAndIncrement();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void open(boolean slow) {
    Wire wire = wire();
    if (!slow) {
      if (isServed("idle", ask(wire))) {
        idle.add(wire);
      }
      return;
    }
    try {
      wire.begin("GET /kv/absent HTTP/1.1\r\nHost: localhost\r\n");
      slowHeads.add(wire);
      count("idle-slow");
    } catch (IOException e) {
      count("idle-failed");
    }
  }

  /** How many of the youngest connections are still served. */
  private int kept() {
    int kept = 0;
    for (Wire wire : idle.subList(Math.max(0, idle.size() - YOUNGEST), idle.size())) {
      kept += ask(wire) == 404 ? 1 : 0;
    }
    return kept;
  }

  /** Every other one begins a handshake. */
  private List<SocketChannel> halfOpen(int number) throws IOException {
    List<SocketChannel> opened = new ArrayList<>();
    while (opened.size() < number && goesOn()) {
      SocketChannel channel = SocketChannel.open();
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      if (opened.size() % 2 == 0) {
        channel.write(ByteBuffer.wrap(PARTIAL_HELLO));
      }
      opened.add(channel);
    }
    return opened;
  }

  private void read() {
    Wire wire = wire();
    while (!over) {
      isServed("read", ask(wire));
      LockSupport.parkNanos(PACE);
    }
  }

  private void comeAnew() {
    while (!over) {
      Wire wire = wire();
      isServed("new", ask(wire));
      wire.close();
      LockSupport.parkNanos(PACE);
    }
  }
}
