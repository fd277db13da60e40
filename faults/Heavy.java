import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Two clients read and write small values as fast as they get responses, first alone and then
 * together with clients whose requests need much processor time. Prints the number of operations in
 * both phases, their p99, the responses of the other clients, and how often a worker was replaced.
 */
final class Heavy {

  private static final int HEAVY = 6;
  private static final int WATCHERS = 300;
  private static final int LISTED = 20_000;
  private static final byte[] NOTHING = {};

  private final int port;
  private final SSLSocketFactory tls;
  private final long millis;
  private final Map<String, AtomicLong> answers = new ConcurrentHashMap<>();
  private volatile boolean over;

  private Heavy(int port, long millis, boolean secure) throws Exception {
    this.port = port;
    this.millis = millis;
    this.tls = secure ? trusting() : null;
  }

  /**
   * The arguments are the port, the kind of heavy requests, milliseconds, and whether to use TLS.
   */
  public static void main(String[] args) throws Exception {
    Heavy heavy =
        new Heavy(Integer.parseInt(args[0]), Long.parseLong(args[2]), args[3].equals("yes"));
    heavy.prepare(args[1]);
    heavy.small();
    Result alone = heavy.small();
    List<Thread> others = heavy.begin(args[1]);
    heavy.warm();
    Result beside = heavy.small();
    heavy.over = true;
    for (Thread other : others) {
      other.join(20_000);
    }
    StringBuilder counts = new StringBuilder();
    new TreeMap<>(heavy.answers)
        .forEach((what, n) -> counts.append(' ').append(what).append('=').append(n));
    IO.println(
        "alone=%d beside=%d alone-p99=%d p99=%d slowest=%d small-failed=%d replaced=%d%s"
            .formatted(
                alone.operations,
                beside.operations,
                alone.p99,
                beside.p99,
                beside.slowest,
                alone.failed + beside.failed,
                heavy.replaced(),
                counts));
    System.exit(0);
  }

  /** Trusts every server. */
  static SSLSocketFactory trusting() throws Exception {
    X509TrustManager any =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {any}, new SecureRandom());
    return context.getSocketFactory();
  }

  /** Times are in microseconds. */
  private record Result(int operations, long p99, long slowest, int failed) {}

  private Wire wire() {
    Wire wire = new Wire();
    wire.to(port);
    if (tls != null) {
      wire.secure(tls);
    }
    return wire;
  }

  private void warm() throws Exception {
    Wire wire = wire();
    for (int i = 0; i < 10; i++) {
      wire.get("/kv/small-0");
    }
    wire.close();
  }

  /** One client on the fast path and one through Tomcat, PUT and GET in turn. */
  private Result small() throws Exception {
    List<Long> took = new ArrayList<>();
    AtomicLong failed = new AtomicLong();
    List<Thread> clients = new ArrayList<>();
    long until = System.nanoTime() + millis * 1_000_000;
    for (int i = 0; i < 2; i++) {
      String path = "/kv/small-" + i;
      String headers = i == 0 ? "" : "Uncommon: x\r\n";
      clients.add(
          Thread.ofPlatform()
              .start(() -> {
                List<Long> mine = new ArrayList<>();
                Wire wire = wire();
                for (int n = 0; System.nanoTime() < until; n++) {
                  long began = System.nanoTime();
                  try {
                    boolean put = n % 2 == 0;
                    Wire.Answer answer =
                        wire.ask(put ? "PUT" : "GET", path, headers, put ? new byte[20] : NOTHING);
                    if (!answer.ok()) {
                      failed.incrementAndGet();
                    }
                  } catch (IOException e) {
                    failed.incrementAndGet();
                  }
                  mine.add(System.nanoTime() - began);
                }
                synchronized (took) {
                  took.addAll(mine);
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    long[] sorted = took.stream().mapToLong(Long::longValue).sorted().toArray();
    return new Result(
        sorted.length,
        sorted[(int) (sorted.length * 0.99)] / 1_000,
        sorted[sorted.length - 1] / 1_000,
        failed.intValue());
  }

  /** The number of generations that shards have had after their first. */
  private long replaced() throws Exception {
    String shards = new String(wire().get("/actuator/shards").body(), StandardCharsets.UTF_8);
    long more = 0;
    int at = shards.indexOf("\"generation\":");
    while (at >= 0) {
      int end = at + 13;
      while (Character.isDigit(shards.charAt(end))) {
        end++;
      }
      more += Long.parseLong(shards.substring(at + 13, end)) - 1;
      at = shards.indexOf("\"generation\":", end);
    }
    return more;
  }

  private void prepare(String what) throws Exception {
    if (what.equals("keys") || what.equals("pages")) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < LISTED; i++) {
        lines.append("{\"op\":\"put\",\"key\":\"listed/%d\",\"value\":\"x\"}\n".formatted(i));
      }
      wire().ask("POST", "/batch", NDJSON, lines.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final String NDJSON = "Content-Type: application/x-ndjson\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";

  private List<Thread> begin(String what) throws Exception {
    List<Thread> others = new ArrayList<>();
    if (what.equals("watch")) {
      for (int i = 0; i < WATCHERS; i++) {
        watch();
      }
      others.add(repeat(i -> wire -> wire.ask("PUT", "/kv/watched/" + i % 8, "", large(500_000))));
      return others;
    }
    for (int i = 0; i < HEAVY; i++) {
      int client = i;
      others.add(repeat(n -> request(what, client, n)));
    }
    return others;
  }

  /** A client that never reads. */
  private void watch() throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    if (tls != null) {
      socket = tls.createSocket(socket, "localhost", port, true);
    }
    OutputStream out = socket.getOutputStream();
    out.write(
        "GET /watch?prefix=watched/&values=true HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private interface Request {
    Wire.Answer send(Wire wire) throws IOException;
  }

  private interface Requests {
    Request number(int n);
  }

  private Thread repeat(Requests requests) {
    return Thread.ofPlatform()
        .start(() -> {
          Wire wire = wire();
          for (int n = 0; !over; n++) {
            String answer;
            try {
              answer = Integer.toString(requests.number(n).send(wire).status());
            } catch (IOException e) {
              answer = "broken";
              wire.close();
            }
            answers.computeIfAbsent(answer, unknown -> new AtomicLong()).incrementAndGet();
          }
          wire.close();
        });
  }

  private Request request(String what, int client, int n) {
    byte[] body = bodies.computeIfAbsent(what + client, unknown -> body(what, client));
    return switch (what) {
      case "txn", "txn-bad" -> wire -> wire.ask("POST", "/txn", JSON, body);
      case "batch", "batch-bad", "tree", "gets", "blank" ->
          wire -> wire.ask("POST", "/batch", NDJSON, body);
      case "keys" ->
          wire ->
              wire.ask("GET", "/keys?prefix=listed/", "Accept: application/x-ndjson\r\n", NOTHING);
      case "pages" -> wire -> wire.get("/keys?limit=1000&prefix=listed/");
      case "problems" -> wire -> wire.get("/problems/overloaded");
      case "scrape" -> wire -> wire.get("/actuator/prometheus");
      case "api" -> wire -> wire.get("/v3/api-docs");
      default -> throw new IllegalArgumentException(what);
    };
  }

  private final Map<String, byte[]> bodies = new ConcurrentHashMap<>();

  private static byte[] body(String what, int client) {
    StringBuilder text = new StringBuilder();
    String value = "v".repeat(900_000);
    switch (what) {
      case "txn", "txn-bad" -> {
        text.append("{\"then\":[");
        for (int i = 0; i < 4; i++) {
          text.append(i == 0 ? "" : ",").append(put(client, i, value));
        }
        text.append(what.equals("txn") ? "]}" : "],\"x\":1}");
      }
      case "batch" -> {
        for (int i = 0; i < 4; i++) {
          text.append(put(client, i, value)).append('\n');
        }
      }
      case "batch-bad" -> {
        for (int i = 0; i < 4; i++) {
          text.append("{\"op\":\"put\",\"key\":\"a\",\"value\":\"")
              .append(value)
              .append("\",\"x\":1}\n");
        }
      }
      case "tree" ->
          text.append("{\"op\":\"get\",\"key\":\"a\",\"x\":[{}")
              .append(",{}".repeat(2_100_000))
              .append("]}\n");
      case "gets" -> text.append("{\"op\":\"get\",\"key\":\"small-0\"}\n".repeat(40_000));
      default -> {}
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String put(int client, int i, String value) {
    return "{\"op\":\"put\",\"key\":\"heavy-%d-%d\",\"value\":\"%s\"}".formatted(client, i, value);
  }

  private static byte[] large(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'v');
    return bytes;
  }
}
