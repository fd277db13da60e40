import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import javax.net.ssl.SSLSocketFactory;

/**
 * A keep-alive HTTP connection to the server on the loopback. It uses a plain socket, since a
 * client library hides what matters here: whether a request was not sent, sent in part, or sent
 * completely without getting a response.
 *
 * <p>Threads: confined to one thread.
 */
final class Wire {

  private static final int TIMEOUT_MILLIS = 15_000;
  private static final byte[] EMPTY = {};

  private int port;
  private SSLSocketFactory tls;
  private SocketChannel channel;
  private InputStream in;
  private OutputStream out;

  /**
   * The response of the server.
   *
   * @param etag without quotes, or empty
   * @param applied the member of a problem, or empty
   * @param code of a problem, or empty
   */
  record Answer(
      int status, String etag, boolean expires, String applied, String code, byte[] body) {

    boolean ok() {
      return status >= 200 && status < 300;
    }
  }

  /** The request was not sent: nobody listens, or the connection was closed before. */
  static final class NotSent extends IOException {
    private static final long serialVersionUID = 1;

    NotSent(IOException cause) {
      super(cause);
    }
  }

  /** The connection broke: the outcome of the request is unknown. */
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    /** Whether the whole request had been passed to the network. */
    final boolean sent;

    Broken(boolean sent, long nanos, IOException cause) {
      super("%s after %d ms".formatted(cause.getMessage(), nanos / 1_000_000), cause);
      this.sent = sent;
    }
  }

  /** Connects to this port from now on. */
  void to(int newPort) {
    if (newPort != port) {
      close();
      port = newPort;
    }
  }

  /** Uses TLS from now on. */
  void secure(SSLSocketFactory factory) {
    tls = factory;
  }

  /**
   * Sends a request and reads the response.
   *
   * @param headers each line with its line end
   */
  Answer ask(String method, String path, String headers, byte[] content) throws NotSent, Broken {
    connect();
    boolean sent = false;
    long began = System.nanoTime();
    try {
      String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
      if (content.length > 0 || method.equals("PUT")) {
        head += "Content-Length: " + content.length + "\r\n";
      }
      byte[] bytes = (head + "\r\n").getBytes(StandardCharsets.US_ASCII);
      byte[] request = Arrays.copyOf(bytes, bytes.length + content.length);
      System.arraycopy(content, 0, request, bytes.length, content.length);
      out.write(request);
      sent = true;
      return read();
    } catch (IOException e) {
      close();
      throw new Broken(sent, System.nanoTime() - began, e);
    }
  }

  /** Sends the beginning of a request. */
  void begin(String head) throws IOException {
    connect();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
  }

  Answer get(String path) throws NotSent, Broken {
    return ask("GET", path, "", EMPTY);
  }

  void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The connection is gone in any case.
      }
      channel = null;
    }
  }

  private void connect() throws NotSent {
    try {
      if (channel != null && tls == null && closedByServer()) {
        close();
      }
      if (channel == null) {
        channel = SocketChannel.open();
        Socket fresh = channel.socket();
        fresh.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        fresh.setTcpNoDelay(true);
        fresh.setSoTimeout(TIMEOUT_MILLIS);
        Socket spoken = tls == null ? fresh : tls.createSocket(fresh, "localhost", port, true);
        in = new BufferedInputStream(spoken.getInputStream());
        out = spoken.getOutputStream();
      }
    } catch (IOException e) {
      close();
      throw new NotSent(e);
    }
  }

  /** A keep-alive connection may be closed while no request is in flight, which is allowed. */
  private boolean closedByServer() throws IOException {
    channel.configureBlocking(false);
    int read = channel.read(ByteBuffer.allocate(1));
    channel.configureBlocking(true);
    return read != 0;
  }

  private Answer read() throws IOException {
    String first = line();
    if (!first.startsWith("HTTP/1.1 ")) {
      throw new IOException("no HTTP: " + first);
    }
    int status = Integer.parseInt(first.substring(9, 12));
    String etag = "";
    boolean expires = false;
    boolean closing = false;
    boolean chunked = false;
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
        case "etag" -> etag = value.replace("\"", "");
        case "nebula-expires" -> expires = true;
        case "connection" -> closing = value.equalsIgnoreCase("close");
        case "transfer-encoding" -> chunked = true;
        case "content-length" -> length = Integer.parseInt(value);
        default -> {}
      }
    }
    byte[] body = chunked ? chunks() : exactly(length);
    if (closing) {
      close();
    }
    String problem = status >= 400 ? new String(body, StandardCharsets.UTF_8) : "";
    return new Answer(
        status,
        etag,
        expires,
        between(problem, "\"applied\":\""),
        between(problem, "\"type\":\"/problems/"),
        body);
  }

  private static String between(String text, String opening) {
    int at = text.indexOf(opening);
    return at < 0
        ? ""
        : text.substring(at + opening.length(), text.indexOf('"', at + opening.length()));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line().strip(), 16);
      all.write(exactly(length));
      line();
      if (length == 0) {
        return all.toByteArray();
      }
    }
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException();
      }
      if (c == '\n') {
        return line.toString();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
  }
}
