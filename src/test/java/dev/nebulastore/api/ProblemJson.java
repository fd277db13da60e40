package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An error in the format of RFC 9457: checks a response and returns its members. */
final class ProblemJson {

  private static final JsonMapper MAPPER = new JsonMapper();

  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

  /** Classes, packages and constants of Java, and features of libraries. */
  private static final Pattern UNSAYABLE =
      Pattern.compile(
          "(Exception|Error|Feature|Constraints)\\b|\\b(java|jakarta|javax|org|com|tools)\\.[a-z]"
              + "|\\b(?!NEBULA_)[A-Z]+_[A-Z_]+\\b");

  private final JsonNode members;

  private ProblemJson(JsonNode members) {
    this.members = members;
  }

  /** Fails unless the response is exactly this problem, with the status that it states. */
  static ProblemJson of(Response response, int status, Problem problem) {
    assertThat(response.status()).as("status of %s", response).isEqualTo(status);
    assertThat(response.header("Content-Type")).hasValue("application/problem+json");
    assertThat(response.header("Content-Length")).hasValue("" + response.body().length);
    return of(response.body(), status, problem);
  }

  static ProblemJson of(byte[] body, int status, Problem problem) {
    JsonNode members = MAPPER.readTree(body);
    assertThat(members.path("type").asString()).isEqualTo("/problems/" + problem.code());
    assertThat(members.path("title").asString()).isNotBlank();
    assertThat(members.path("status").asInt()).isEqualTo(status);
    assertThat(members.path("detail").asString()).isNotBlank();
    assertThat(UNSAYABLE.matcher(QUOTED.matcher(members.path("detail").asString()).replaceAll("")))
        .as("%s", members)
        .matches(found -> !found.find());
    assertThat(members.path("instance").asString("/")).startsWith("/").isASCII();
    return new ProblemJson(members);
  }

  /** A member as text; empty if it is missing. */
  String member(String name) {
    return members.path(name).asString("");
  }
}
