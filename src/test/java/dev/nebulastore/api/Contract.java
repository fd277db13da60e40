package dev.nebulastore.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.core.util.Yaml31;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The written contract, {@code openapi.yaml}, as a tree that follows its own references.
 *
 * <p>Threads: immutable; the tree is never changed.
 */
record Contract(JsonNode root) {

  /** A response that the contract lists. */
  record Answer(String path, String method, int status, JsonNode response) {}

  /** Reads the file that the application serves. */
  static Contract read() {
    try (var in = Contract.class.getResourceAsStream("/openapi.yaml")) {
      return new Contract(Yaml31.mapper().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The node itself, or the target of its {@code $ref}. */
  JsonNode follow(JsonNode node) {
    JsonNode ref = node.path("$ref");
    return ref.isTextual() ? follow(root.at(ref.textValue().substring(1))) : node;
  }

  /** The contract of a method on a path; a missing node if there is none. */
  JsonNode operation(String path, String method) {
    return root.path("paths").path(path).path(method.toLowerCase(java.util.Locale.ROOT));
  }

  /** Every response of every operation. */
  List<Answer> answers() {
    List<Answer> all = new ArrayList<>();
    for (var path : root.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        for (var answer : method.getValue().path("responses").properties()) {
          int status = Integer.parseInt(answer.getKey());
          all.add(new Answer(path.getKey(), method.getKey(), status, follow(answer.getValue())));
        }
      }
    }
    return all;
  }
}
