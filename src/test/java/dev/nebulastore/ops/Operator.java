package dev.nebulastore.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client for the endpoints of a server on this machine.
 *
 * <p>Threads: thread-safe.
 */
public final class Operator {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final JsonMapper JSON = new JsonMapper();

  private final int port;

  /** For the server on this port. */
  public Operator(int port) {
    this.port = port;
  }

  /** Waits long enough even on a busy machine. */
  public static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }

  /** Sends a request and returns the response. */
  public HttpResponse<String> send(String method, String path, String body) {
    return send(request(path).method(method, BodyPublishers.ofString(body)));
  }

  /** Posts a body of this media type. */
  public HttpResponse<String> post(String path, String type, String body) {
    return send(request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends a request without a body. */
  public HttpResponse<String> send(String method, String path) {
    return send(method, path, "");
  }

  /** Sends a GET. */
  public HttpResponse<String> get(String path) {
    return send("GET", path);
  }

  /** The JSON that a GET returns with 200. */
  public JsonNode read(String path) {
    return body(get(path), 200);
  }

  /** The JSON of a response, which must have this status. */
  public static JsonNode body(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return JSON.readTree(response.body());
  }

  /** The code of a problem, which must have this status. */
  public static String problem(HttpResponse<String> response, int status) {
    JsonNode problem = body(response, status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    return problem.path("type").asString().replace("/problems/", "");
  }
}
