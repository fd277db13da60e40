package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the contract: operations and transactions as they are sent, and their answers. */
final class Json {

  static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  static void writeLines(List<Operation> operations, OutputStream out) throws IOException {
    for (Operation operation : operations) {
      out.write(MAPPER.writeValueAsBytes(operation(operation)));
      out.write('\n');
    }
  }

  static void write(Transaction transaction, OutputStream out) throws IOException {
    ObjectNode json = MAPPER.createObjectNode();
    ArrayNode checks = json.putArray("if");
    for (Transaction.Check check : transaction.checks()) {
      ObjectNode member = checks.addObject().put("key", whole(check.key()));
      if (check.etag() != null) {
        member.put("etag", check.etag());
      }
      if (check.exists() != null) {
        member.put("exists", check.exists());
      }
    }
    ArrayNode then = json.putArray("then");
    transaction.then().forEach(operation -> then.add(operation(operation)));
    ArrayNode otherwise = json.putArray("else");
    transaction.otherwise().forEach(operation -> otherwise.add(operation(operation)));
    out.write(MAPPER.writeValueAsBytes(json));
  }

  static Result result(JsonNode json) {
    JsonNode problem = json.path("problem");
    return new Result(
        json.path("status").asInt(0),
        text(json, "etag"),
        value(json),
        time(json, "expires"),
        problem.isObject() ? ProblemReader.of(problem) : null);
  }

  static Transaction.Done done(JsonNode json) {
    return new Transaction.Done(
        json.path("succeeded").asBoolean(),
        json.path("results").valueStream().map(Json::result).toList());
  }

  static KeyPage page(JsonNode json) {
    return new KeyPage(
        json.path("keys").valueStream().map(Json::listedKey).toList(),
        json.path("prefixes").valueStream().map(JsonNode::asString).toList(),
        text(json, "cursor"));
  }

  static ListedKey listedKey(JsonNode json) {
    return new ListedKey(
        required(json, "key"),
        required(json, "etag"),
        json.path("size").asLong(),
        required(json, "contentType"),
        Instant.parse(required(json, "modified")),
        time(json, "expires"));
  }

  /** The event of this name, or null if the name is of a later contract. */
  static @Nullable Event event(String name, String id, String data) {
    JsonNode json = MAPPER.readTree(data.isEmpty() ? "{}" : data);
    return switch (name) {
      case "put" -> new Event.Put(id, required(json, "key"), required(json, "etag"), value(json));
      case "delete" -> new Event.Delete(id, required(json, "key"), required(json, "etag"));
      case "expire" -> new Event.Expire(id, required(json, "key"), required(json, "etag"));
      case "reset" -> new Event.Reset(id);
      default -> null;
    };
  }

  /** Half of a surrogate pair has no UTF-8; it would arrive as a question mark, another key. */
  static String whole(String text) {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("a key or prefix holds half of a surrogate pair");
    }
    return text;
  }

  private static ObjectNode operation(Operation operation) {
    ObjectNode json = MAPPER.createObjectNode();
    switch (operation) {
      case Operation.Get _ -> json.put("op", "get");
      case Operation.Delete _ -> json.put("op", "delete");
      case Operation.Put put -> {
        json.put("op", "put");
        content(json, put.value());
        if (put.ttl() != null) {
          json.put("ttl", put.ttl().toString());
        }
      }
    }
    json.put("key", whole(operation.key()));
    tags(json, "ifMatch", operation.condition().ifMatch());
    tags(json, "ifNoneMatch", operation.condition().ifNoneMatch());
    return json;
  }

  private static void tags(ObjectNode json, String name, List<String> tags) {
    if (!tags.isEmpty()) {
      json.put(name, String.join(", ", tags));
    }
  }

  private static void content(ObjectNode json, Value value) {
    json.put("contentType", value.contentType());
    try {
      json.put("value", UTF_8.newDecoder().decode(ByteBuffer.wrap(value.bytes())).toString());
    } catch (CharacterCodingException e) {
      json.put("base64", Base64.getEncoder().encodeToString(value.bytes()));
    }
  }

  private static @Nullable Value value(JsonNode json) {
    String type = text(json, "contentType");
    String text = text(json, "value");
    String base64 = text(json, "base64");
    if (type == null || (text == null && base64 == null)) {
      return null;
    }
    return new Value(
        text != null ? text.getBytes(UTF_8) : Base64.getDecoder().decode(base64), type);
  }

  private static String required(JsonNode json, String name) {
    return json.required(name).asString();
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.path(name).isString() ? json.path(name).asString() : null;
  }

  private static @Nullable Instant time(JsonNode json, String name) {
    String text = text(json, name);
    return text == null ? null : Instant.parse(text);
  }
}
