import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients with values of the maximum size: they read, write, touch, let expire and delete by
 * prefix, also in batches and transactions, while others send requests and never read the
 * responses. Prints the number of responses of each kind. Everything is unexpected that is neither
 * a success, nor a 404, nor a 503 with Retry-After, and also a missing response.
 *
 * <p>Threads: one per client; the counts are guarded by this object.
 */
final class Large {

  private static final int KEYS = 8;
  private static final int READERS = 22;
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int SMALL_BUFFER = 4 << 10;
  private static final byte[] NOTHING = {};

  private final int port;
  private final byte[] value;
  private final Map<String, Integer> counts = new TreeMap<>();
  private volatile boolean ended;

  private Large(int port, int size) {
    this.port = port;
    this.value = new byte[size];
    ThreadLocalRandom.current().nextBytes(value);
  }

  /**
   * The arguments are the port, what to do (all or receivers), the size of a value, and seconds.
   */
  public static void main(String[] args) throws Exception {
    Large large = new Large(Integer.parseInt(args[0]), Integer.parseInt(args[2]));
    long seconds = Long.parseLong(args[3]);
    large.fill();
    IO.println(args[1].equals("receivers") ? large.receivers(seconds) : large.all(seconds));
    System.exit(0);
  }

  /** A keep-alive connection that does not keep responses in memory. */
  private final class Client {
    private Socket socket;
    private InputStream in;
    private OutputStream out;

    /** The status of the response; -1 for none. */
    int ask(String method, String path, String headers, byte[] body) {
      try {
        if (socket == null) {
          socket = new Socket();
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          socket.setSoTimeout(TIMEOUT_MILLIS);
          in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
          out = socket.getOutputStream();
        }
        out.write(head(method, path, headers, body.length));
        out.write(body);
        return answer();
      } catch (IOException e) {
        close();
        count(method + " " + e);
        return -1;
      }
    }

    private int answer() throws IOException {
      int status = Integer.parseInt(line().substring(9, 12));
      long length = 0;
      boolean chunked = false;
      boolean retry = false;
      boolean closes = false;
      for (String line = line(); !line.isEmpty(); line = line()) {
        String lower = line.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Long.parseLong(lower.substring(15).strip());
        }
        chunked |= lower.equals("transfer-encoding: chunked");
        retry |= lower.startsWith("retry-after:");
        closes |= lower.equals("connection: close");
      }
      if (status == 503 && !retry) {
        count("no-retry-after");
      }
      if (chunked) {
        for (int chunk = size(line()); chunk > 0; chunk = size(line())) {
          in.skipNBytes(chunk + 2L);
        }
        line();
      } else {
        in.skipNBytes(length);
      }
      if (closes) {
        close();
      }
      return status;
    }

    private static int size(String line) {
      return Integer.parseInt(line.strip(), 16);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException();
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    private void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // The connection is gone in any case.
      }
      socket = null;
    }
  }

  private static byte[] head(String method, String path, String headers, int length) {
    String lengthLine = length == 0 ? "" : "Content-Length: " + length + "\r\n";
    return (method
            + " "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + headers
            + lengthLine
            + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String key() {
    return "large-" + ThreadLocalRandom.current().nextInt(KEYS);
  }

  private synchronized void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private void fill() {
    Client client = new Client();
    for (int i = 0; i < KEYS; i++) {
      put(client, "large-" + i, "");
    }
  }

  private int put(Client client, String key, String query) {
    return client.ask("PUT", "/kv/" + key + query, "", value);
  }

  private interface Step {
    int take(Client client);
  }

  private void loop(List<Thread> threads, int clients, String name, Step step) {
    for (int i = 0; i < clients; i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                Client client = new Client();
                while (!ended) {
                  int status = step.take(client);
                  boolean fair = status >= 200 && status < 300 || status == 404 || status == 503;
                  count(fair ? name + "-" + status : "unexpected-" + name + status);
                  if (status == 503) {
                    LockSupport.parkNanos(20_000_000);
                  }
                }
              }));
    }
  }

  private static String gets(int from, String delimiter) {
    StringBuilder gets = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      gets.append(i == 0 ? "" : delimiter)
          .append("{\"op\":\"get\",\"key\":\"large-")
          .append((from + i) % KEYS)
          .append("\"}");
    }
    return gets.toString();
  }

  private String all(long seconds) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    loop(threads, READERS, "read", client -> client.ask("GET", "/kv/" + key(), "", NOTHING));
    loop(threads, 6, "write", client -> put(client, key(), ""));
    loop(threads, 2, "expiring", client -> put(client, key(), "?ttl=1s"));
    loop(
        threads,
        2,
        "touch",
        client -> client.ask("PATCH", "/kv/" + key() + "?ttl=1h", "", NOTHING));
    loop(
        threads,
        2,
        "delete",
        client -> {
          sleepMillis(500);
          return client.ask("DELETE", "/keys?prefix=" + key(), "", NOTHING);
        });
    loop(
        threads,
        2,
        "batch",
        client ->
            client.ask(
                "POST", "/batch", "Content-Type: application/x-ndjson\r\n", bytes(gets(0, "\n"))));
    loop(
        threads,
        2,
        "txn",
        client ->
            client.ask(
                "POST",
                "/txn",
                "Content-Type: application/json\r\n",
                bytes("{\"then\":[" + gets(3, ",") + "]}")));
    loop(threads, 2, "list", client -> client.ask("GET", "/keys", "", NOTHING));
    silent(20, 3, 5_000);
    sleep(seconds);
    ended = true;
    for (Thread thread : threads) {
      thread.join(TIMEOUT_MILLIS);
    }
    return counts();
  }

  /** Connections that send requests and read nothing for this time; then each is replaced. */
  private void silent(int connections, int asked, long holdMillis) {
    for (int i = 0; i < connections; i++) {
      String uncommon = i % 2 == 0 ? "" : "Uncommon: x\r\n";
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            while (!ended) {
              try (Socket socket = new Socket()) {
                socket.setReceiveBufferSize(SMALL_BUFFER);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                for (int request = 0; request < asked; request++) {
                  socket.getOutputStream().write(head("GET", "/kv/" + key(), uncommon, 0));
                }
                count("silent");
                for (long left = holdMillis; left > 0 && !ended; left -= 100) {
                  sleepMillis(100);
                }
              } catch (IOException e) {
                count("silent-closed");
              }
            }
          });
    }
  }

  /** How long nobody else could read a large value while others do not read theirs. */
  private String receivers(long seconds) throws InterruptedException {
    silent(70, 12, 3_600_000);
    sleepMillis(500);
    Client client = new Client();
    long until = System.nanoTime() + seconds * 1_000_000_000;
    long refusedSince = 0;
    long longest = 0;
    while (System.nanoTime() < until) {
      int status = client.ask("GET", "/kv/large-0", "", NOTHING);
      count("read-" + status);
      long now = System.nanoTime();
      if (status == 200) {
        refusedSince = 0;
      } else {
        refusedSince = refusedSince == 0 ? now : refusedSince;
        longest = Math.max(longest, now - refusedSince);
      }
      sleepMillis(20);
    }
    ended = true;
    return "longest-refusal=" + longest / 1_000_000 + counts();
  }

  private static void sleep(long seconds) {
    sleepMillis(1_000 * seconds);
  }

  private static void sleepMillis(long millis) {
    LockSupport.parkNanos(1_000_000 * millis);
  }

  private synchronized String counts() {
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (what, times) -> text.append(' ').append(what.replace(' ', '_')).append('=').append(times));
    return text.toString();
  }
}
