package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks the responses of a running server against the contract of their path: the status, the
 * media type, and the headers that the contract lists. Headers that the contract does not mention
 * are not checked. So the contract and the server can't diverge.
 *
 * <p>Threads: immutable.
 */
final class ContractWatch {

  private static final String PROBLEM = "application/problem+json";

  private final Contract contract = Contract.read();
  private final TreeSet<String> named = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  ContractWatch() {
    for (var answer : contract.answers()) {
      answer.response().path("headers").fieldNames().forEachRemaining(named::add);
    }
  }

  /** The path of the contract that matches a request target; empty if none does. */
  static String pathOf(String target) {
    String path = target.split("\\?", 2)[0];
    return path.startsWith("/kv/")
        ? "/kv/{key}"
        : path.equals("/keys") || path.equals("/batch") ? path : "";
  }

  /** Fails if the contract does not allow this response. */
  void observed(String path, String method, int status, Map<String, String> responseHeaders) {
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(responseHeaders);
    String answer = method + " " + status;
    JsonNode operation = contract.operation(path, method);
    if (operation.isMissingNode()) {
      assertThat(status).as("status of %s, a method without a contract", method).isEqualTo(405);
      assertThat(headers).as(answer).containsKeys("Allow", "Content-Type");
      assertThat(essence(headers.get("Content-Type"))).as(answer).isEqualTo(PROBLEM);
      return;
    }
    JsonNode response = response(operation, status);
    assertThat(response.isMissingNode()).as("%s is not in the contract", answer).isFalse();
    mediaType(answer, path, method, status, headers.get("Content-Type"));
    headers(answer, response.path("headers"), headers);
  }

  private JsonNode response(JsonNode operation, int status) {
    return contract.follow(operation.path("responses").path(Integer.toString(status)));
  }

  /**
   * A response to HEAD has no body to describe, but the same header fields as a response to GET.
   */
  private void mediaType(
      String answer, String path, String method, int status, @Nullable String sent) {
    JsonNode body = contract.operation(path, method.equals("HEAD") ? "GET" : method);
    JsonNode content = response(body, status).path("content");
    if (content.isMissingNode()) {
      assertThat(sent).as("Content-Type of %s, which has no body", answer).isNull();
      return;
    }
    assertThat(sent).as("Content-Type of %s", answer).isNotNull();
    if (!content.has("*/*")) {
      assertThat(content.has(essence(sent)))
          .as("%s with %s is not in the contract", answer, sent)
          .isTrue();
    }
  }

  private void headers(String answer, JsonNode listed, Map<String, String> sent) {
    var names = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
    for (var each : listed.properties()) {
      names.add(each.getKey());
      header(answer, each.getKey(), contract.follow(each.getValue()), sent.get(each.getKey()));
    }
    for (String name : sent.keySet()) {
      assertThat(named.contains(name) && !names.contains(name))
          .as("%s with %s, which the contract lists only elsewhere", answer, name)
          .isFalse();
    }
  }

  private static void header(String answer, String name, JsonNode header, @Nullable String sent) {
    if (sent == null) {
      assertThat(header.path("required").asBoolean()).as("%s lacks %s", answer, name).isFalse();
      return;
    }
    JsonNode schema = header.path("schema");
    if (schema.has("const")) {
      assertThat(sent).as("%s of %s", name, answer).isEqualTo(schema.path("const").textValue());
    }
    if (schema.has("pattern")) {
      assertThat(sent)
          .as("%s of %s", name, answer)
          .containsPattern(schema.path("pattern").textValue());
    }
  }

  /** The media type without its parameters; empty if there is none. */
  private static String essence(@Nullable String contentType) {
    return contentType == null ? "" : contentType.split(";", 2)[0].strip();
  }
}
