package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Random batches, transactions, deletions by prefix and listings, valid and invalid, compared with
 * a model. No response is 5xx, and the store contains what the responses said.
 */
@ServerTest
class ManyKeysFuzzTests {

  private static final JsonMapper JSON = new JsonMapper();
  private static final long SEED = Long.getLong("nebula.test.seed", 11);
  private static final int STEPS = Integer.getInteger("nebula.test.rounds", 150);
  private static final String PREFIX = "fuzz/";
  private static final int KINDS = 9;

  /** A prefix that no mutation of one byte can turn into a key of the model. */
  private static final String ELSEWHERE = "~~~~~~~~~~";

  private static final List<String> BAD =
      List.of(
          "{",
          "[]",
          "null",
          "{\"op\":\"put\"}",
          "{\"op\":\"get\",\"key\":\"\"}",
          "{\"op\":\"get\",\"key\":\"a/..\"}",
          "{\"op\":\"put\",\"key\":\"fuzz/1\"}",
          "{\"op\":\"add\",\"key\":\"fuzz/1\",\"add\":1.5}",
          "{\"op\":\"touch\",\"key\":\"fuzz/1\"}",
          "{\"op\":\"put\",\"key\":\"fuzz/1\",\"base64\":\"*\"}",
          "{\"op\":\"put\",\"key\":\"fuzz/1\",\"value\":\"x\",\"ttl\":\"soon\"}",
          "{\"op\":\"put\",\"key\":\"fuzz/1\",\"value\":\"x\",\"expires\":\"soon\"}",
          "{\"op\":\"put\",\"key\":\"fuzz/1\",\"value\":\"x\",\"expires\":\"2999-01-01T00:00:00Z\"}",
          "{\"op\":\"delete\",\"key\":\"fuzz/1\",\"expires\":\"2026-01-01T00:00:00Z\"}",
          "{\"op\":\"delete\",\"key\":\"fuzz/1\",\"ifMatch\":\"x\"}",
          "{\"op\":\"get\",\"key\":\"fuzz/1\",\"key\":\"fuzz/2\"}");

  private final int port;
  private final Map<String, String> model = new TreeMap<>();
  private Random random = new Random(SEED);

  ManyKeysFuzzTests(@LocalServerPort int port) {
    this.port = port;
  }

  private Response ask(String method, String target, byte[] body, String... headers) {
    try (RawHttp http = new RawHttp(port)) {
      Response response = http.ask(method, target, body, headers);
      assertThat(response.status()).as("%s %s: %s", method, target, response).isLessThan(500);
      return response;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void randomRequestsAgreeWithAModel(long run) {
    random = new Random(SEED + run);
    model.clear();
    ask("DELETE", "/keys?prefix=" + PREFIX, new byte[0]);
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(10)) {
        case 0 -> deleteByPrefix();
        case 1, 2 -> transact();
        case 3 -> mutated();
        case 4 -> assertListed();
        default -> batch();
      }
    }
    assertListed();
  }

  private String key() {
    return PREFIX + random.nextInt(40);
  }

  private String operation(String key, int kind, String value) {
    return switch (kind) {
      case 0 -> "{\"op\":\"get\",\"key\":\"%s\"}".formatted(key);
      case 1 -> "{\"op\":\"delete\",\"key\":\"%s\"}".formatted(key);
      case 2 ->
          "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"%s\",\"ifNoneMatch\":\"*\"}"
              .formatted(key, value);
      case 3 -> "{\"op\":\"touch\",\"key\":\"%s\",\"ttl\":\"none\"}".formatted(key);
      case 4 -> "{\"op\":\"add\",\"key\":\"%s\",\"add\":%d}".formatted(key, amount(value));
      case 5 -> "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"%d\"}".formatted(key, amount(value));
      case 6 ->
          "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"%s\",\"expires\":\"2000-01-01T00:00:00Z\"}"
              .formatted(key, value);
      default -> "{\"op\":\"put\",\"key\":\"%s\",\"value\":\"%s\"}".formatted(key, value);
    };
  }

  /** What is added, or put as a number that can be added to. */
  private static long amount(String value) {
    return Long.parseLong(value.substring(1)) - 500;
  }

  /** Applies the operation to the model, and returns the expected status. */
  private int apply(String key, int kind, String value) {
    boolean stands = model.containsKey(key);
    return switch (kind) {
      case 0 -> stands ? 200 : 404;
      case 1, 6 -> {
        model.remove(key);
        yield 204;
      }
      case 2 -> {
        model.putIfAbsent(key, value);
        yield stands ? 412 : 201;
      }
      case 3 -> stands ? 204 : 404;
      case 4 -> {
        String number = model.getOrDefault(key, "0");
        if (!number.matches("-?[0-9]+")) {
          yield 409;
        }
        model.put(key, Long.toString(Long.parseLong(number) + amount(value)));
        yield stands ? 200 : 201;
      }
      default -> {
        model.put(key, kind == 5 ? Long.toString(amount(value)) : value);
        yield stands ? 204 : 201;
      }
    };
  }

  private void batch() {
    List<String> lines = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = random.nextInt(40); i >= 0; i--) {
      if (random.nextInt(6) == 0) {
        lines.add(BAD.get(random.nextInt(BAD.size())));
        expected.add(400);
        values.add("");
      } else {
        String key = key();
        int kind = random.nextInt(KINDS);
        String value = "v" + random.nextInt(1_000);
        lines.add(operation(key, kind, value));
        int status = apply(key, kind, value);
        boolean shown = kind == 0 || (kind == 4 && status != 409);
        values.add(shown ? model.getOrDefault(key, "") : "");
        expected.add(status);
      }
    }
    byte[] body = String.join("\n", lines).getBytes(UTF_8);
    Response response = ask("POST", "/batch", body, "Content-Type: application/x-ndjson");
    List<JsonNode> answers = response.text().lines().map(JSON::readTree).toList();
    assertThat(answers).hasSameSizeAs(lines);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(answers.get(i).path("status").asInt()).as(lines.get(i)).isEqualTo(expected.get(i));
      assertThat(answers.get(i).path("value").asString("")).isEqualTo(values.get(i));
    }
  }

  private void transact() {
    String condition = key();
    boolean exists = random.nextBoolean();
    boolean holds = model.containsKey(condition) == exists;
    boolean bad = random.nextInt(4) == 0;
    Map<String, String> before = new TreeMap<>(model);
    List<String> operations = new ArrayList<>();
    boolean refused = false;
    for (int i = random.nextInt(5); i >= 0; i--) {
      String key = key();
      int kind = random.nextInt(KINDS);
      String value = "t" + random.nextInt(1_000);
      operations.add(operation(key, kind, value));
      refused |= holds && List.of(409, 412).contains(apply(key, kind, value));
    }
    if (bad) {
      operations.add(BAD.get(random.nextInt(BAD.size())));
    }
    String json =
        "{\"if\":[{\"key\":\"%s\",\"exists\":%s}],\"then\":[%s]}"
            .formatted(condition, exists, String.join(",", operations));
    Response response = ask("POST", "/txn", json.getBytes(UTF_8), "Content-Type: application/json");
    assertThat(response.status()).as(json).isEqualTo(bad ? 400 : refused ? 409 : 200);
    if (bad || refused) {
      model.clear();
      model.putAll(before);
    } else {
      assertThat(JSON.readTree(response.body()).path("succeeded").asBoolean()).isEqualTo(holds);
    }
  }

  /** A valid body with one byte changed, for keys that are not in the model. */
  private void mutated() {
    boolean transaction = random.nextBoolean();
    String line = operation(ELSEWHERE, random.nextInt(KINDS), "x1");
    byte[] body = (transaction ? "{\"then\":[" + line + "]}" : line).getBytes(UTF_8);
    body[random.nextInt(body.length)] = (byte) random.nextInt(256);
    ask(
        "POST",
        transaction ? "/txn" : "/batch",
        body,
        "Content-Type: " + (transaction ? "application/json" : "application/x-ndjson"));
  }

  private void deleteByPrefix() {
    String prefix = PREFIX + random.nextInt(10);
    long gone = model.keySet().stream().filter(key -> key.startsWith(prefix)).count();
    Response response = ask("DELETE", "/keys?prefix=" + prefix, new byte[0]);
    assertThat(JSON.readTree(response.body()).path("deleted").asLong()).isEqualTo(gone);
    model.keySet().removeIf(key -> key.startsWith(prefix));
  }

  private void assertListed() {
    boolean values = random.nextBoolean();
    Map<String, String> found = new LinkedHashMap<>();
    String more = values ? "&values=true" : "";
    String cursor = "";
    do {
      String query =
          "?prefix="
              + PREFIX
              + "&limit="
              + (1 + random.nextInt(20))
              + more
              + (cursor.isEmpty() ? "" : "&cursor=" + cursor);
      JsonNode page = JSON.readTree(ask("GET", "/keys" + query, new byte[0]).body());
      for (JsonNode entry : page.path("keys")) {
        String key = entry.path("key").asString();
        String value = entry.path("value").asString("");
        assertThat(found.put(key, values ? value : model.getOrDefault(key, ""))).isNull();
      }
      cursor = page.path("cursor").asString("");
    } while (!cursor.isEmpty());
    assertThat(found).containsExactlyEntriesOf(model);
    byte[] count = ask("GET", "/keys?count=true&prefix=" + PREFIX, new byte[0]).body();
    assertThat(JSON.readTree(count).path("count").asInt()).isEqualTo(model.size());
  }
}
