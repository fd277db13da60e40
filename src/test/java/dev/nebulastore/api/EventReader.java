package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of {@code /watch} that parses the stream as the HTML standard specifies.
 *
 * <p>Threads: confined to the thread of a test; a thread of its own reads the stream.
 */
final class EventReader implements AutoCloseable {

  /** Whether the stream ended regularly or was cut off. */
  static final Block END = new Block("end", "", null);

  static final Block CUT_OFF = new Block("cut off", "", null);

  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** A block of the stream. A block without data is not an event and only contains a position. */
  record Block(String event, String id, @Nullable String data) {
    String text(String name) {
      return json().path(name).asString("");
    }

    JsonNode json() {
      return JSON.readTree(String.valueOf(data));
    }
  }

  private final HttpResponse<InputStream> response;
  private final BlockingQueue<Block> blocks = new LinkedBlockingQueue<>();

  /** Requests a stream. Headers are pairs of names and values. */
  EventReader(int port, String query, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/watch?" + query));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      response = CLIENT.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(response.statusCode()).isEqualTo(200);
    Thread.ofVirtual().start(this::read);
  }

  /** Requests a stream, and returns once the position has arrived. */
  static EventReader watching(int port, String query, String... headers) {
    EventReader reader = new EventReader(port, query, headers);
    assertThat(reader.nextBlock().data()).as("the data of the first block").isNull();
    return reader;
  }

  HttpResponse<InputStream> response() {
    return response;
  }

  private void read() {
    try (var in = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      String event = "";
      String id = "";
      String data = null;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          blocks.add(new Block(event, id, data));
          event = "";
          id = "";
          data = null;
        } else if (line.startsWith("event: ")) {
          event = line.substring(7);
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("data: ")) {
          data = (data == null ? "" : data + "\n") + line.substring(6);
        } else {
          assertThat(line).startsWith(":");
        }
      }
      blocks.add(END);
    } catch (IOException e) {
      blocks.add(CUT_OFF);
    }
  }

  /** The next block: an event or a position. */
  Block nextBlock() {
    try {
      Block block = blocks.poll(60, TimeUnit.SECONDS);
      assertThat(block).as("a block within a minute").isNotNull();
      return block;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next event, or how the stream ended. */
  Block next() {
    Block block = nextBlock();
    while (block.data() == null && !block.equals(END) && !block.equals(CUT_OFF)) {
      block = nextBlock();
    }
    return block;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
