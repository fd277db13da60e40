package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server that gives prepared answers, one per request, and records the requests. Each answer
 * closes its connection, since the JDK's client may repeat a request on a reused connection by
 * itself. A request without an answer gets status 500.
 *
 * <p>Threads: guarded by its own lock.
 */
final class FakeServer implements AutoCloseable {

  /** Answers one request. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Deque<Answer> answers;
  private final List<String> requests = new ArrayList<>();
  private final List<String> bodies = new ArrayList<>();

  FakeServer(Answer... answers) throws IOException {
    this.answers = new ArrayDeque<>(Arrays.asList(answers));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** A problem, with {@code Retry-After} if it is given. */
  static Answer problem(int status, String code, String more, String... retryAfter) {
    return exchange -> {
      for (String seconds : retryAfter) {
        exchange.getResponseHeaders().set("Retry-After", seconds);
      }
      String json =
          """
          {"type":"/problems/%s","title":"A title","status":%d%s}\
          """
              .formatted(code, status, more);
      send(exchange, status, "application/problem+json", json);
    };
  }

  /** A value with this text. */
  static Answer value(String text) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.getResponseHeaders().set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT");
      send(exchange, 200, "text/plain", text);
    };
  }

  /** The answer to a PUT that created the key. */
  static Answer created() {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.sendResponseHeaders(201, -1);
    };
  }

  /** An answer without a problem detail, such as that of a proxy. */
  static Answer page(int status) {
    return exchange -> send(exchange, status, "text/html", "<h1>Sorry</h1>");
  }

  /** A stream of these events, which breaks off when the latch is open, or at once. */
  static Answer events(String text, CountDownLatch... silence) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(text.getBytes(UTF_8));
      exchange.getResponseBody().flush();
      for (CountDownLatch latch : silence) {
        quietly(latch);
      }
    };
  }

  /** Waits, as a silent server does. */
  static void quietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Method and target of each request, and its header {@code Last-Event-ID}. */
  synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  /** The body of each request, read as UTF-8. */
  synchronized List<String> bodies() {
    return List.copyOf(bodies);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      exchange.getResponseHeaders().set("Connection", "close");
      next(exchange, body).to(exchange);
    }
  }

  private synchronized Answer next(HttpExchange exchange, String body) {
    String id = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    bodies.add(body);
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + (id == null ? "" : " after " + id));
    return answers.isEmpty() ? problem(500, "no-answer-prepared", "") : answers.remove();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
