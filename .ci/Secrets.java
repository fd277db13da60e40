import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sends secrets to a server in all ways in which they can arrive, for the check 36-secrets: {@code
 * java Secrets.java PORT DIRECTORY}. In the directory are the files {@code valid} and {@code wrong}
 * with a token a line. It writes {@code answers}, and then {@code idle}: from then on connections
 * on which tokens were sent stay open, until the standard input ends.
 */
class Secrets {

  private static final int CONNECTIONS = 1_000;
  private static final int REQUESTS_EACH = 6;
  private static final int IDLE = 200;
  private static final int TIMEOUT_MILLIS = 10_000;

  /** A line of headers: %s is a token. */
  private static final List<String> HEADERS =
      List.of(
          "Authorization: Bearer %s",
          "Authorization: Bearer %s",
          "Authorization: Bearer %s",
          "Authorization: Bearer %s",
          "authorization:bearer   %s",
          "Authorization: %s",
          "Authorization: Basic %s",
          "Authorization: Bearer %s, %1$s",
          "Authorization: Bearer %s\r\nAuthorization: Bearer %1$s",
          "Proxy-Authorization: Bearer %s",
          "Cookie: token=%s",
          "X-Api-Key: %s");

  /** Lines that no server may accept. */
  private static final List<String> MALFORMED =
      List.of(
          "Authorization: Bearer %s\0",
          "Authorization: Bearer \u0001%s",
          "Authorization: Bearer\r\n %s",
          "Authorization Bearer %s",
          "Authori zation: Bearer %s",
          "%s",
          "%s: x");

  /** Requests without the headers that all have. */
  private static final List<String> REQUESTS =
      List.of(
          get("/kv/a"),
          get("/kv/a"),
          put("/kv/a", "value"),
          put("/kv/a?ttl=1h", "value"),
          put("/kv/a?ttl=nonsense", "value"),
          get("/kv/a") + "X-Not-Fast: 1\r\n",
          "DELETE /kv/b HTTP/1.1\r\n",
          get("/kv/none") + "Prefer: wait=0\r\n",
          get("/keys?prefix=a"),
          get("/keys?limit=nonsense"),
          get("/kv/%zz"),
          get("/none"),
          get("/v3/api-docs"),
          get("/actuator/prometheus"),
          get("/actuator/health"),
          get("/actuator/env"),
          get("/watch"),
          get("/watch?prefix=a&since=nonsense"),
          get("/kv/a?access_token=%s"),
          "OPTIONS /kv/a HTTP/1.1\r\n",
          "PATCH /kv/a?ttl=none HTTP/1.1\r\n",
          post(
              "/batch",
              "application/x-ndjson",
              "{\"op\":\"get\",\"key\":\"a\"}\n{\"op\":\"none\"}\n"),
          post(
              "/txn",
              "application/json",
              "{\"if\":[{\"key\":\"a\",\"exists\":true}],\"then\":[{\"op\":\"get\",\"key\":\"a\"}]}"),
          post("/txn", "application/json", "{"));

  private static final String CHUNKED =
      "PUT /kv/idle HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\n5\r\nvalue\r\n0\r\n\r\n";

  private final int port;
  private final List<String> valid;
  private final List<String> all;
  private final Random random = new Random(36);

  private Secrets(int port, Path directory) throws IOException {
    this.port = port;
    this.valid = Files.readAllLines(directory.resolve("valid"));
    this.all = new ArrayList<>(valid);
    all.addAll(Files.readAllLines(directory.resolve("wrong")));
  }

  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[1]);
    Secrets secrets = new Secrets(Integer.parseInt(arguments[0]), directory);
    List<Connection> idle = new ArrayList<>();
    try (OutputStream answers = Files.newOutputStream(directory.resolve("answers"))) {
      for (int i = 0; i < CONNECTIONS; i++) {
        secrets.talk(answers);
      }
      for (int i = 0; i < IDLE; i++) {
        idle.add(secrets.beIdle(i, answers));
      }
    }
    Files.createFile(directory.resolve("idle"));
    while (System.in.read() >= 0) {
      // The connections stay open.
    }
    for (Connection connection : idle) {
      connection.close();
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\n";
  }

  private static String put(String target, String body) {
    return withBody("PUT " + target + " HTTP/1.1\r\nContent-Type: text/plain", body);
  }

  private static String post(String target, String type, String body) {
    return withBody("POST " + target + " HTTP/1.1\r\nContent-Type: " + type, body);
  }

  /** A line break alone marks where more headers go. */
  private static String withBody(String head, String body) {
    return head + "\r\nContent-Length: " + body.length() + "\r\n\n" + body;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** A request with headers in the place for them. */
  private static String with(String request, String headers) {
    String lines = "Host: localhost\r\n" + headers + "\r\n\r\n";
    int place = request.indexOf("\r\n\n");
    return place < 0
        ? request + lines
        : request.substring(0, place + 2) + lines + request.substring(place + 3);
  }

  /** Sends some requests, the last of which may be malformed. */
  private void talk(OutputStream answers) throws IOException {
    try (Connection connection = new Connection()) {
      boolean open = true;
      for (int i = 0; i < REQUESTS_EACH && open; i++) {
        boolean last = i == REQUESTS_EACH - 1;
        String header = any(last ? MALFORMED : HEADERS).formatted(any(all));
        String request = any(REQUESTS);
        // With a token that is valid, the log of Spring would have the query.
        open =
            connection.ask(
                request.contains("%s")
                    ? with(request.formatted(any(all)), "X-Other: 1")
                    : with(request, header),
                answers);
      }
    }
  }

  /** Half of the connections were served by each way in, with valid tokens and wrong ones. */
  private Connection beIdle(int number, OutputStream answers) throws IOException {
    Connection connection = new Connection();
    String token = number % 8 < 2 ? any(all) : any(valid);
    boolean open =
        connection.ask(
            with(number % 2 == 0 ? get("/kv/idle") : CHUNKED, "Authorization: Bearer " + token),
            answers);
    if (!open) {
      throw new IOException("an idle connection was closed");
    }
    return connection;
  }

  private final class Connection implements AutoCloseable {
    private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    private final InputStream in = new BufferedInputStream(socket.getInputStream());

    Connection() throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /** Sends a request and keeps the answer; whether the connection is still open. */
    boolean ask(String request, OutputStream answers) throws IOException {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return false;
        }
        head.append((char) next);
      }
      answers.write(head.toString().getBytes(ISO_8859_1));
      String text = head.toString().toLowerCase(java.util.Locale.ROOT);
      if (text.contains("text/event-stream")) {
        return false;
      }
      if (text.contains("transfer-encoding: chunked")) {
        for (int size = chunk(); size > 0; size = chunk()) {
          answers.write(in.readNBytes(size));
          in.skipNBytes(2);
        }
        in.skipNBytes(2);
      } else {
        int length = text.indexOf("content-length: ");
        if (length >= 0 && !request.startsWith("HEAD ")) {
          String digits = text.substring(length + 16, text.indexOf('\r', length));
          answers.write(in.readNBytes(Integer.parseInt(digits)));
        }
      }
      return !text.contains("connection: close");
    }

    private int chunk() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("in the size of a chunk");
        }
        line.append((char) next);
      }
      return Integer.parseInt(line.toString().strip(), 16);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
