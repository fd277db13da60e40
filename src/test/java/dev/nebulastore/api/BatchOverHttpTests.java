package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract of {@code POST /batch}. */
@ServerTest
class BatchOverHttpTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String TYPE = "Content-Type: application/x-ndjson";

  /** The number of consecutive unreadable lines that ends a batch. */
  private static final int MAX_UNREADABLE = 1_000;

  private final int port;

  BatchOverHttpTests(@LocalServerPort int port) {
    this.port = port;
  }

  private Response post(byte[] body, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      return http.ask("POST", "/batch", body, headers);
    }
  }

  private List<JsonNode> answers(String... lines) {
    Response response = post(String.join("\n", lines).getBytes(UTF_8), TYPE);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).hasValue("application/x-ndjson");
    return response.text().lines().map(JSON::readTree).toList();
  }

  private static List<Integer> statuses(List<JsonNode> answers) {
    return answers.stream().map(answer -> answer.path("status").asInt()).toList();
  }

  private static String op(String op, String key, String more) {
    return "{\"op\":\"%s\",\"key\":\"%s\"%s}".formatted(op, key, more);
  }

  private static String put(String key, String value) {
    return op("put", key, ",\"value\":\"%s\"".formatted(value));
  }

  @Test
  void linesAreAnsweredLikeSingleRequests() {
    List<JsonNode> answers =
        answers(
            put("b/a", "één"),
            put("b/a", "two"),
            op("get", "b/a", ""),
            op("put", "b/a", ",\"value\":\"\",\"ifNoneMatch\":\"*\""),
            op("put", "b/b", ",\"base64\":\"/w==\",\"contentType\":\"x/y\",\"ttl\":60"),
            op("get", "b/b", ""),
            op("delete", "b/a", ""),
            op("get", "b/a", ""),
            op("delete", "b/a", ",\"ifMatch\":\"*\""),
            op("get", "b/../a", ""));
    assertThat(statuses(answers)).containsExactly(201, 204, 200, 412, 201, 200, 204, 404, 412, 400);
    assertThat(answers.get(2).path("value").asString()).isEqualTo("two");
    assertThat(answers.get(2).path("contentType").asString()).isEqualTo("text/plain;charset=utf-8");
    assertThat(answers.get(2).path("etag")).isEqualTo(answers.get(1).path("etag"));
    assertThat(answers.get(3).at("/problem/currentEtag")).isEqualTo(answers.get(1).path("etag"));
    assertThat(answers.get(5).path("base64").asString()).isEqualTo("/w==");
    assertThat(answers.get(5).path("expires")).isEqualTo(answers.get(4).path("expires"));
    assertThat(answers.get(9).at("/problem/type").asString()).isEqualTo("/problems/invalid-key");
    assertThat(answers.get(7).at("/problem/instance").asString()).isEqualTo("/batch");
  }

  @Test
  void malformedLinesAreAnsweredInOrder() {
    String tooLarge = put("bad/x", "v".repeat((1 << 20) + 1));
    String tooLong = put("bad/x", "v".repeat(7 << 20));
    List<JsonNode> answers =
        answers(
            put("bad/a", "1"),
            "nonsense",
            tooLarge,
            put("bad/b", "1"),
            tooLong,
            "{\"op\":\"put\",\"key\":\"bad/c\",\"value\":\"1\",\"tll\":1}",
            put("bad/c", "1"));
    assertThat(statuses(answers)).containsExactly(201, 400, 413, 201, 413, 400, 201);
    assertThat(answers.get(5).at("/problem/detail").asString()).contains("\"tll\"");
    assertThat(answers.get(5).at("/problem/key").asString()).isEqualTo("bad/c");
  }

  @Test
  void readsSeeEarlierWritesAndNoLaterOnes() {
    String[] lines =
        IntStream.range(0, 3_000)
            .mapToObj(i -> i % 2 == 0 ? put("order", "" + i) : op("get", "order", ""))
            .toArray(String[]::new);
    List<JsonNode> answers = answers(lines);
    for (int i = 1; i < lines.length; i += 2) {
      assertThat(answers.get(i).path("value").asString()).isEqualTo("" + (i - 1));
    }
  }

  @Test
  void blankLinesAndByteOrderMarkAreSkipped() {
    List<JsonNode> answers =
        answers("\ufeff" + put("blank/a", "1"), "", " \t\r", put("blank/b", "1"), "\ufeff");
    assertThat(statuses(answers)).containsExactly(201, 201, 400);
    assertThat(post(("\ufeff" + "\n".repeat(60_000)).getBytes(UTF_8), TYPE).body()).isEmpty();
  }

  @Test
  void manyMalformedLinesEndTheBatch() {
    String bad = "x\n".repeat(MAX_UNREADABLE - 1);
    String good = put("unreadable", "1") + "\n";
    List<JsonNode> answers = answers(bad + good + bad + "{\"op\":\"get\"}\n" + good);
    assertThat(answers).hasSize(2 * MAX_UNREADABLE);
    assertThat(answers.get(MAX_UNREADABLE - 1).path("status").asInt()).isEqualTo(201);
    assertThat(answers.getLast().path("status").asInt()).isEqualTo(400);
    assertThat(answers.getLast().at("/problem/detail").asString())
        .isEqualTo(
            "The batch ends after 1000 unreadable lines in a row. The last one: The"
                + " member \"key\" is missing.");
  }

  @Test
  void emptyBatchHasNoAnswers() {
    assertThat(post(new byte[0], TYPE).body()).isEmpty();
    assertThat(post(put("last", "1").getBytes(UTF_8), TYPE).text()).endsWith("}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"X: y", "Content-Type: application/json", "Content-Type: application/x-ndjsonx"})
  void otherMediaTypesAreRefused(String header) {
    Response refused = post(new byte[0], header);
    ProblemJson.of(refused, 415, Problem.UNSUPPORTED_MEDIA_TYPE);
    assertThat(refused.header("Accept")).hasValue("application/x-ndjson");
  }

  @Test
  void codingsMethodsAndParametersAreRefused() {
    Response coded = post(new byte[1], TYPE, "Content-Encoding: gzip");
    ProblemJson.of(coded, 415, Problem.UNSUPPORTED_CODING);
    assertThat(coded.header("Accept-Encoding")).hasValue("identity");
    try (RawHttp http = new RawHttp(port)) {
      assertThat(http.ask("OPTIONS", "/batch").header("Allow")).hasValue("POST, OPTIONS");
      Response refused = http.ask("GET", "/batch");
      ProblemJson.of(refused, 405, Problem.METHOD_NOT_ALLOWED);
      ProblemJson.of(
          http.ask("POST", "/batch?x=y", new byte[0], TYPE), 400, Problem.INVALID_PARAMETER);
    }
  }

  /** Sends chunks and reads responses as they arrive. A missing response fails with a timeout. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersAreSentBeforeTheNextLine(boolean wholeChunks) throws IOException {
    OverStreams.skip();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      out.write(
          RawHttp.bytes(
              RawHttp.head("POST", "/batch", TYPE, "Transfer-Encoding: chunked") + "\r\n"));
      for (int i = 0; i < 50; i++) {
        String line = put("interactive", "" + i) + "\n";
        String chunk = Integer.toHexString(line.length()) + "\r\n" + line;
        if (wholeChunks) {
          out.write(RawHttp.bytes(chunk + "\r\n"));
        } else {
          out.write(RawHttp.bytes(chunk));
          out.write(RawHttp.bytes("\r\n"));
        }
        String answer = in.readLine();
        while (!answer.startsWith("{")) {
          answer = in.readLine();
        }
        assertThat(JSON.readTree(answer).path("status").asInt())
            .isEqualTo(i == 0 && wholeChunks ? 201 : 204);
      }
      out.write(RawHttp.bytes("0\r\n\r\n"));
    }
  }

  @Test
  void hundredThousandLinesAreAnsweredInOrder() throws Exception {
    OverStreams.skip();
    int count = 100_000;
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < count; i++) {
      body.append(put("large/" + i % 5_000, "" + i)).append('\n');
    }
    try (RawHttp http = new RawHttp(port)) {
      String head = RawHttp.head("POST", "/batch", TYPE, "Content-Length: " + body.length());
      Thread sender =
          Thread.ofVirtual().start(() -> http.send(RawHttp.bytes(head + "\r\n" + body)));
      List<String> answers = http.answerTo("POST").text().lines().toList();
      sender.join();
      assertThat(answers).hasSize(count);
      assertThat(answers.subList(0, 5_000)).allMatch(line -> line.startsWith("{\"status\":201,"));
      assertThat(answers.subList(5_000, count))
          .allMatch(line -> line.startsWith("{\"status\":204,"));
    }
    assertThat(answers(op("get", "large/17", "")).getFirst().path("value").asString())
        .isEqualTo("95017");
  }

  @Test
  void anyLineHasAnAnswer() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      String[] lines = new String[50];
      for (int i = 0; i < lines.length; i++) {
        StringBuilder line = new StringBuilder(put("fuzz", "\\u00e9"));
        for (int n = random.nextInt(4); n > 0; n--) {
          line.setCharAt(random.nextInt(line.length()), (char) random.nextInt(0x20, 0x250));
        }
        lines[i] = line.toString();
      }
      assertThat(statuses(answers(lines))).as("seed %d", seed).allMatch(status -> status < 500);
    }
  }
}
