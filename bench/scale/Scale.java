import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clients of {@code bench/scale.sh}. Keys are {@code k} and nine digits, in scattered order;
 * values have 20 bytes.
 *
 * <p>Threads: one per connection.
 */
final class Scale {

  private static final InetAddress SERVER = InetAddress.getLoopbackAddress();

  /** A number without a common factor with the numbers of keys: visits all, far apart. */
  private static final long STRIDE = 7_919;

  private static final int BATCH = 1_000;
  private static final int LOADERS = 8;
  private static final int VALUE_BYTES = 20;
  private static final String ZEROS = "0".repeat(VALUE_BYTES);

  /** Clock ticks per second in /proc/PID/stat. */
  private static final double TICKS_PER_SECOND = 100;

  private final int port;
  private final long pid;

  private Scale(int port, long pid) {
    this.port = port;
    this.pid = pid;
  }

  /** The arguments are the port, the process id of the server, the operation, and its numbers. */
  public static void main(String[] args) throws Exception {
    Scale scale = new Scale(Integer.parseInt(args[0]), Long.parseLong(args[1]));
    long first = Long.parseLong(args[3]);
    switch (args[2]) {
      case "load" -> scale.load(first, Long.parseLong(args[4]), Long.parseLong(args[5]));
      case "get" -> scale.get(first, Long.parseLong(args[4]), Integer.parseInt(args[5]));
      case "cpu" -> IO.println("%d".formatted(scale.cpuMicros()));
      default -> throw new IllegalArgumentException(args[2]);
    }
  }

  private static String key(long number) {
    return "k" + padded(number, 9);
  }

  /** Pads with zeros. A formatter would take more processor time than the request. */
  private static String padded(long number, int digits) {
    String text = Long.toString(number);
    return ZEROS.substring(0, digits - text.length()) + text;
  }

  private long cpuMicros() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (long)
        ((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND * 1e6);
  }

  /** Puts a range of the keys, and prints keys per second and the server's CPU time per key. */
  private void load(long from, long to, long all) throws Exception {
    long began = System.nanoTime();
    long cpu = cpuMicros();
    AtomicLong next = new AtomicLong(from);
    each(
        LOADERS,
        _ -> {
          try (Connection connection = new Connection(port)) {
            for (long at; (at = next.getAndAdd(BATCH)) < to; ) {
              StringBuilder lines = new StringBuilder();
              for (long i = at; i < Math.min(at + BATCH, to); i++) {
                lines
                    .append("{\"op\":\"put\",\"key\":\"")
                    .append(key(i * STRIDE % all))
                    .append("\",\"value\":\"")
                    .append(padded(i, VALUE_BYTES))
                    .append("\"}\n");
              }
              byte[] body = lines.toString().getBytes(StandardCharsets.UTF_8);
              connection.send(
                  "POST /batch HTTP/1.1\r\n"
                      + "Host: localhost\r\n"
                      + "Content-Type: application/x-ndjson\r\n"
                      + "Content-Length: "
                      + body.length
                      + "\r\n\r\n",
                  body);
              if (connection.answer() != 200) {
                throw new IOException("a batch was refused");
              }
            }
          }
          return null;
        });
    double seconds = (System.nanoTime() - began) / 1e9;
    IO.println(
        "%.0f keys/s, %.1f CPU-us each"
            .formatted((to - from) / seconds, (double) (cpuMicros() - cpu) / (to - from)));
  }

  /**
   * Reads random keys among the first ones for a while; prints requests per second and CPU time.
   */
  private void get(long keys, long millis, int connections) throws Exception {
    AtomicLong count = new AtomicLong();
    AtomicLong missing = new AtomicLong();
    long began = System.nanoTime();
    long until = began + millis * 1_000_000;
    long cpu = cpuMicros();
    each(
        connections,
        thread -> {
          SplittableRandom random = new SplittableRandom(began + thread);
          try (Connection connection = new Connection(port)) {
            while (System.nanoTime() < until) {
              connection.send(
                  "GET /kv/" + key(random.nextLong(keys)) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
                  new byte[0]);
              if (connection.answer() != 200) {
                missing.incrementAndGet();
              }
              count.incrementAndGet();
            }
          }
          return null;
        });
    double seconds = (System.nanoTime() - began) / 1e9;
    IO.println(
        "%.1f CPU-us, %.0f/s, %d not found"
            .formatted(
                (double) (cpuMicros() - cpu) / count.get(), count.get() / seconds, missing.get()));
  }

  private interface Part {
    Void run(int thread) throws Exception;
  }

  private static void each(int threads, Part part) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Void>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        parts.add(() -> part.run(thread));
      }
      for (Future<Void> done : executor.invokeAll(parts)) {
        done.get();
      }
    }
  }

  /** A keep-alive connection with one request at a time. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Connection(int port) throws IOException {
      socket = new Socket(SERVER, port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      out = new BufferedOutputStream(socket.getOutputStream(), 1 << 17);
    }

    void send(String head, byte[] body) throws IOException {
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      out.flush();
    }

    /** Reads a response to its end; returns its status. */
    int answer() throws IOException {
      int status = Integer.parseInt(line().substring(9, 12));
      long length = 0;
      boolean chunked = false;
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        String name = line.substring(0, colon);
        if (name.equalsIgnoreCase("content-length")) {
          length = Long.parseLong(line.substring(colon + 1).trim());
        } else if (name.equalsIgnoreCase("transfer-encoding")) {
          chunked = true;
        }
      }
      if (!chunked) {
        in.skipNBytes(length);
        return status;
      }
      for (int size = chunk(); size > 0; size = chunk()) {
        in.skipNBytes(size);
        line();
      }
      line();
      return status;
    }

    private int chunk() throws IOException {
      return Integer.parseInt(line().trim(), 16);
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the server closed the connection");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
