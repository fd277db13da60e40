package dev.nebulastore.api;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nebulastore.api.error.Problem;
import io.swagger.v3.core.util.Yaml31;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The published document is the written contract, and the contract is complete. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "server.address=127.0.0.1")
class OpenApiTests {

  private static final Map<String, String> OPERATIONS =
      Map.ofEntries(
          entry("get /kv/{key}", "getKey"),
          entry("head /kv/{key}", "headKey"),
          entry("put /kv/{key}", "putKey"),
          entry("post /kv/{key}", "addToKey"),
          entry("patch /kv/{key}", "touchKey"),
          entry("delete /kv/{key}", "deleteKey"),
          entry("options /kv/{key}", "optionsKey"),
          entry("post /txn", "transact"),
          entry("options /txn", "optionsTxn"),
          entry("get /watch", "watch"),
          entry("options /watch", "optionsWatch"),
          entry("get /keys", "listKeys"),
          entry("head /keys", "headKeys"),
          entry("patch /keys", "touchKeys"),
          entry("delete /keys", "deleteKeys"),
          entry("options /keys", "optionsKeys"),
          entry("post /batch", "batch"),
          entry("options /batch", "optionsBatch"),
          entry("get /problems", "listProblems"),
          entry("get /problems/{code}", "getProblem"));

  @TestConfiguration(proxyBeanMethods = false)
  static class Counting {
    @Bean
    GlobalOpenApiCustomizer counter(AtomicInteger made) {
      return document -> made.incrementAndGet();
    }

    @Bean
    AtomicInteger made() {
      return new AtomicInteger();
    }
  }

  @LocalServerPort private int port;
  @Autowired private AtomicInteger made;
  @Autowired private BuildProperties build;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  private RequestMappingHandlerMapping mappings;

  private final Contract contract = Contract.read();

  @Test
  void documentIsExactlyTheFile() throws Exception {
    JsonNode file = contract.root().deepCopy();
    ((ObjectNode) file.path("info")).put("version", build.getVersion());
    var json = new ObjectMapper();
    // Twice, as springdoc adds a server if it finds none.
    for (String language : new String[] {"en", "en", "de"}) {
      assertThat(json.readTree(get("/v3/api-docs", language).body())).isEqualTo(file);
    }
    assertThat(Yaml31.mapper().readTree(get("/v3/api-docs.yaml", "en").body())).isEqualTo(file);
  }

  /** A client may ask in any number of languages, and making the document takes 0.3 s. */
  @Test
  void documentIsMadeOnce() throws Exception {
    for (String language : new String[] {"aa-AA", "ab-AB", "ac-AC"}) {
      assertThat(get("/v3/api-docs", language).statusCode()).isEqualTo(200);
      assertThat(get("/v3/api-docs.yaml", language).statusCode()).isEqualTo(200);
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void eachOperationKeepsItsId() {
    var ids = new TreeMap<String, String>();
    for (var answer : contract.answers()) {
      JsonNode id = contract.operation(answer.path(), answer.method()).path("operationId");
      ids.put(answer.method() + " " + answer.path(), id.asText());
    }
    assertThat(ids).isEqualTo(OPERATIONS);
  }

  /** Except for those that refuse all other methods, and those of the document itself. */
  @Test
  void mappingsOfControllersAreTheOperations() {
    var mapped = new TreeSet<String>();
    mappings
        .getHandlerMethods()
        .forEach((mapping, handler) -> {
          if (handler
              .getMethod()
              .getDeclaringClass()
              .getPackageName()
              .startsWith("dev.nebulastore.api")) {
            for (String path : mapping.getPatternValues()) {
              for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                String name = method.name().toLowerCase(Locale.ROOT);
                mapped.add(name + " " + path.replaceFirst("/kv/(\\*\\*)?$", "/kv/{key}"));
              }
            }
          }
        });
    mapped.removeIf(name -> name.startsWith("get /v3/api-docs"));
    assertThat(mapped).isEqualTo(new TreeSet<>(OPERATIONS.keySet()));
  }

  @Test
  void answersHaveBodiesThatTheirStatusAllows() {
    for (var answer : contract.answers()) {
      var types = new TreeSet<String>();
      answer.response().path("content").fieldNames().forEachRemaining(types::add);
      boolean ofSum = answer.status() == 201 && answer.method().equals("post");
      boolean ofValue = answer.status() == 200 || answer.status() == 206 || ofSum;
      boolean bodiless = answer.status() < 400 && !ofValue;
      if (bodiless || answer.method().equals("head")) {
        assertThat(types).as("%s", answer).isEmpty();
      } else if (ofValue) {
        assertThat(types).as("%s", answer).isNotEmpty();
      } else {
        assertThat(types).as("%s", answer).containsExactly("application/problem+json");
      }
    }
  }

  @Test
  void exampleProblemsAreProblems() {
    JsonNode schema = contract.root().at("/components/schemas/ProblemDetail");
    var known = new TreeSet<String>();
    schema.path("properties").fieldNames().forEachRemaining(known::add);
    for (var answer : contract.answers()) {
      JsonNode examples = answer.response().at("/content/application~1problem+json/examples");
      assertThat(examples.isEmpty()).as("%s has no example", answer).isEqualTo(!isProblem(answer));
      for (var each : examples.properties()) {
        JsonNode problem = contract.follow(each.getValue()).path("value");
        for (JsonNode member : schema.path("required")) {
          assertThat(problem.has(member.asText())).as("%s lacks %s", each, member).isTrue();
        }
        problem.fieldNames().forEachRemaining(name -> assertThat(known).contains(name));
        assertThat(problem.path("status").asInt()).as("%s", each).isEqualTo(answer.status());
        assertThat(problem.path("type").asText()).isEqualTo("/problems/" + each.getKey());
      }
    }
  }

  @Test
  void problemsOfKeysHaveRealExamples() {
    var unshown = EnumSet.allOf(Problem.class);
    for (var each : contract.root().at("/components/examples").properties()) {
      Problem problem = Problem.ofCode(each.getKey()).orElseThrow();
      JsonNode example = each.getValue().path("value");
      assertThat(example.path("status").asInt()).as("%s", example).isEqualTo(problem.status());
      assertThat(example.path("title").asText()).as("%s", example).isEqualTo(problem.title());
      unshown.remove(problem);
    }
    // Problems of the framework, of the container and of batch operations: no method of a key
    // returns them.
    assertThat(unshown)
        .containsExactlyInAnyOrder(
            Problem.METHOD_NOT_ALLOWED,
            Problem.URI_TOO_LONG,
            Problem.EXPECTATION_FAILED,
            Problem.HEADER_FIELDS_TOO_LARGE,
            Problem.NOT_IMPLEMENTED,
            Problem.NO_SUCH_SHARD,
            Problem.RESIZE_RUNNING,
            Problem.BACKUP_RUNNING,
            Problem.BACKUP_FAILED,
            Problem.BACKUP_NO_ROOM,
            Problem.SERVICE_UNAVAILABLE);
  }

  @Test
  void swaggerUiHasItsUsualPath() throws Exception {
    HttpResponse<String> redirect = get("/swagger-ui.html", "en");
    assertThat(redirect.statusCode()).isEqualTo(302);
    String page = redirect.headers().firstValue("Location").orElseThrow();
    assertThat(get(page, "en").body()).contains("swagger-ui-bundle.js");
  }

  @Test
  void rootRedirectsToSwaggerUi() throws Exception {
    HttpResponse<String> redirect = get("/", "en");
    assertThat(redirect.statusCode()).isEqualTo(302);
    assertThat(redirect.headers().firstValue("Location").orElseThrow())
        .endsWith("/swagger-ui.html");
  }

  private static boolean isProblem(Contract.Answer answer) {
    return answer.status() >= 400 && !answer.method().equals("head");
  }

  private HttpResponse<String> get(String path, String language)
      throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + port).resolve(path);
    var request = HttpRequest.newBuilder(uri).header("Accept-Language", language).build();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }
}
