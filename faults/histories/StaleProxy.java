import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The planted bug: a cache in front of the server that occasionally responds to a GET with an
 * earlier value of the key.
 *
 * <p>Threads: one per connection.
 */
final class StaleProxy {

  private static final int STALE_IN = 50;

  private final int server;
  private final SplittableRandom random;
  private final Map<String, byte[]> older = new ConcurrentHashMap<>();
  private final Map<String, byte[]> newest = new ConcurrentHashMap<>();

  private StaleProxy(int server, long seed) {
    this.server = server;
    random = new SplittableRandom(seed);
  }

  /** The arguments are the port of the server and a seed; prints its own port. */
  public static void main(String[] args) throws IOException {
    StaleProxy proxy = new StaleProxy(Integer.parseInt(args[0]), Long.parseLong(args[1]));
    try (ServerSocket door = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
      IO.println("port " + door.getLocalPort());
      while (true) {
        Socket client = door.accept();
        Thread.ofPlatform().daemon().start(() -> proxy.serve(client));
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), server)) {
      client.setTcpNoDelay(true);
      behind.setTcpNoDelay(true);
      InputStream asked = new BufferedInputStream(client.getInputStream());
      InputStream answered = new BufferedInputStream(behind.getInputStream());
      while (true) {
        byte[] request = message(asked);
        byte[] stale = stale(request);
        behind.getOutputStream().write(request);
        byte[] answer = message(answered);
        remember(request, answer);
        client.getOutputStream().write(stale.length > 0 ? stale : answer);
      }
    } catch (IOException e) {
      // Whichever side has disconnected, the other is closed too.
    }
  }

  private static String firstLine(byte[] message) {
    String text = new String(message, 0, Math.min(200, message.length), StandardCharsets.US_ASCII);
    return text.substring(0, text.indexOf('\r'));
  }

  private synchronized byte[] stale(byte[] request) {
    byte[] old = older.getOrDefault(firstLine(request), new byte[0]);
    return random.nextInt(STALE_IN) == 0 ? old : new byte[0];
  }

  private synchronized void remember(byte[] request, byte[] answer) {
    String question = firstLine(request);
    if (!question.startsWith("GET /kv/") || !firstLine(answer).contains(" 200")) {
      return;
    }
    byte[] before = newest.put(question, answer);
    if (before != null && !etag(before).equals(etag(answer))) {
      older.put(question, before);
    }
  }

  private static String etag(byte[] answer) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("ETag: ");
    return text.substring(at, text.indexOf('\r', at));
  }

  /** A request or a response, with its body. */
  private static byte[] message(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int length = 0;
    boolean chunked = false;
    for (String line = line(in, all); !line.isEmpty(); line = line(in, all)) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      }
      chunked |= header.startsWith("transfer-encoding:");
    }
    if (!chunked) {
      all.write(in.readNBytes(length));
      return all.toByteArray();
    }
    do {
      length = Integer.parseInt(line(in, all).strip(), 16);
      all.write(in.readNBytes(length + 2));
    } while (length > 0);
    return all.toByteArray();
  }

  private static String line(InputStream in, ByteArrayOutputStream all) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException();
      }
      all.write(c);
      if (c == '\n') {
        return line.toString();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
  }
}
