package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One connection to the server on this machine that sends bytes unchanged. An HTTP client would
 * correct them, refuse to send them, or hide parts of the response. Each character of a string is
 * one byte. With {@link OverStreams}, well-formed requests are sent by HTTP/2.
 *
 * <p>Threads: confined to the thread of a test.
 */
final class RawHttp implements AutoCloseable {

  private static final ContractWatch WATCH = new ContractWatch();
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  RawHttp(int port) {
    this(port, new Socket());
  }

  /** Uses a socket that is not connected yet. */
  RawHttp(int port, Socket socket) {
    this(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Connects a socket to any address of this machine. */
  RawHttp(Socket socket, InetSocketAddress address) {
    this.socket = socket;
    try {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.connect(address, TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of a string, one byte per character. */
  static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  /** Sends a well-formed request without a body, and checks the response against the contract. */
  Response ask(String method, String target, String... headers) {
    if (OverStreams.ON) {
      return watched(
          method, target, OverStreams.ask(socket.getPort(), method, target, null, headers));
    }
    send(bytes(head(method, target, headers) + "\r\n"));
    return watched(method, target, answerTo(method));
  }

  /** Sends a well-formed request with a body, and checks the response against the contract. */
  Response ask(String method, String target, byte[] body, String... headers) {
    if (OverStreams.ON) {
      return watched(
          method, target, OverStreams.ask(socket.getPort(), method, target, body, headers));
    }
    String head = head(method, target, headers) + "Content-Length: " + body.length;
    send(bytes(head + "\r\n\r\n"), body);
    return watched(method, target, answerTo(method));
  }

  private static Response watched(String method, String target, Response answer) {
    String path = ContractWatch.pathOf(target);
    if (!path.isEmpty()) {
      Map<String, String> headers = new LinkedHashMap<>();
      answer.headers().forEach(header -> headers.put(header.name(), header.value()));
      WATCH.observed(path, method, answer.status(), headers);
    }
    return answer;
  }

  /** A request line and headers, including Host, without the terminating empty line. */
  static String head(String method, String target, String... headers) {
    StringBuilder head =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.toString();
  }

  /** Sends exactly these bytes. It is no failure if the server has responded and closed already. */
  RawHttp send(byte[]... pieces) {
    OverStreams.skip();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      all.writeBytes(piece);
    }
    try {
      socket.getOutputStream().write(all.toByteArray());
    } catch (SocketException e) {
      // The response is still to be read.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Closes the sending side of the connection. */
  RawHttp sendEnd() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Closes the connection abruptly, like a client that crashes. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the response to a request with this method, including interim responses (1xx). */
  Response answerTo(String method) {
    try {
      String[] statusLine = line().split(" ", 3);
      int status = Integer.parseInt(statusLine[1]);
      List<Response.Header> headers = new ArrayList<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.add(
            new Response.Header(line.substring(0, colon), line.substring(colon + 1).strip()));
      }
      Response head = new Response(status, List.copyOf(headers), new byte[0]);
      boolean bodiless = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
      return bodiless ? head : new Response(status, head.headers(), body(head));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that is received until the server closes the connection. */
  byte[] rest() {
    try {
      return in.readAllBytes();
    } catch (SocketException e) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] body(Response head) throws IOException {
    if (head.header("Transfer-Encoding").isPresent()) {
      return chunks();
    }
    Optional<String> length = head.header("Content-Length");
    return length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : in.readAllBytes();
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int size;
    do {
      size = Integer.parseInt(line(), 16);
      body.writeBytes(in.readNBytes(size));
      line();
    } while (size > 0);
    return body.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed after: " + line);
      }
      line.append((char) b);
    }
    line.setLength(line.length() - 1);
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
