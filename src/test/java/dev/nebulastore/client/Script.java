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
 * A server that answers as it is told, request by request, and remembers what it was asked. Each
 * answer has a connection of its own, since a client may repeat by itself what it has sent on one
 * that was kept. When the script has come to an end, each request is a failure.
 *
 * <p>Threads: guarded by itself.
 */
final class Script implements AutoCloseable {

  /** How one request is answered. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Deque<Answer> answers;
  private final List<String> asked = new ArrayList<>();

  Script(Answer... answers) throws IOException {
    this.answers = new ArrayDeque<>(Arrays.asList(answers));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** An answer of this status with this problem, and with a pause to keep if there is one. */
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

  /** A value of that text. */
  static Answer value(String text) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.getResponseHeaders().set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT");
      send(exchange, 200, "text/plain", text);
    };
  }

  /** A key that was created. */
  static Answer created() {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.sendResponseHeaders(201, -1);
    };
  }

  /** Something that is no problem detail. */
  static Answer page(int status) {
    return exchange -> send(exchange, status, "text/html", "<h1>Sorry</h1>");
  }

  /** A stream of these events that then breaks off, or goes on when the latch lets it. */
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

  /** Waits, as a server that has nothing to say. */
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

  /** Method and target of each request, and what the header {@code Last-Event-ID} said. */
  synchronized List<String> asked() {
    return List.copyOf(asked);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Connection", "close");
      next(exchange).to(exchange);
    }
  }

  private synchronized Answer next(HttpExchange exchange) {
    String id = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    asked.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + (id == null ? "" : " after " + id));
    return answers.isEmpty() ? problem(500, "end-of-script", "") : answers.remove();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
