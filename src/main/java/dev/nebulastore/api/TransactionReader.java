package dev.nebulastore.api;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Transaction.Condition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a transaction: the JSON of a request becomes a {@link Transaction}, as strictly as {@link
 * Operations} reads.
 *
 * <p>Threads: immutable.
 */
final class TransactionReader {

  private static final Set<String> MEMBERS = Set.of("if", "then", "else");
  private static final Set<String> CONDITION = Set.of("key", "etag", "exists");

  private final Operations operations;

  TransactionReader(Operations operations) {
    this.operations = operations;
  }

  /**
   * The transaction that these bytes say.
   *
   * @throws ApiException if they say none
   * @throws dev.nebulastore.kv.KvException.InvalidKey if one of its keys is none
   */
  Transaction read(byte[] json) {
    JsonNode root = operations.tree(json, 0, json.length);
    if (!root.isObject()) {
      throw Operations.malformed("A transaction is a JSON object.");
    }
    var _ = Operations.only(root, "transaction", MEMBERS);
    List<Condition> conditions = new ArrayList<>();
    Set<Key> guarded = new HashSet<>();
    for (JsonNode element : elements(root, "if")) {
      Condition condition = condition(element);
      conditions.add(condition);
      guarded.add(condition.key());
    }
    List<Command> then = commands(root, "then", guarded);
    List<Command> otherwise = commands(root, "else", guarded);
    try {
      return new Transaction(conditions, then, otherwise);
    } catch (IllegalArgumentException e) {
      throw Operations.malformed(e.getMessage() + ".");
    }
  }

  private static Iterable<JsonNode> elements(JsonNode root, String name) {
    JsonNode list = root.get(name);
    if (list == null) {
      return List.of();
    }
    if (!list.isArray()) {
      throw Operations.malformed("The member \"%s\" must be an array.".formatted(name));
    }
    if (list.size() > Transaction.MAX_COMMANDS) {
      throw Operations.malformed(
          "The member \"%s\" has at most %d elements.".formatted(name, Transaction.MAX_COMMANDS));
    }
    return list;
  }

  /** A put of a key that the conditions name is guarded by them. */
  private List<Command> commands(JsonNode root, String name, Set<Key> guarded) {
    List<Command> commands = new ArrayList<>();
    for (JsonNode element : elements(root, name)) {
      Command command = operations.read(element);
      commands.add(
          command instanceof Command.Put(var key, var precondition, var value, var ttl, var _)
                  && guarded.contains(key)
              ? new Command.Put(key, precondition, value, ttl, false)
              : command);
    }
    return commands;
  }

  private static Condition condition(JsonNode element) {
    if (!element.isObject()) {
      throw Operations.malformed("A condition is a JSON object.");
    }
    Key key = Key.of(Operations.required(element, "key"));
    try {
      var _ = Operations.only(element, "condition", CONDITION);
      return new Condition(key, precondition(element));
    } catch (ApiException e) {
      throw e.about(key);
    }
  }

  private static Precondition precondition(JsonNode condition) {
    String etag = Operations.optional(condition, "etag");
    JsonNode exists = condition.get("exists");
    if ((etag == null) == (exists == null)) {
      throw Operations.malformed("A condition has either an \"etag\" or \"exists\".");
    }
    if (etag != null) {
      return stands(Etag.parse("etag", Collections.enumeration(List.of(etag)), false));
    }
    if (!exists.isBoolean()) {
      throw Operations.malformed("The member \"exists\" must be true or false.");
    }
    return exists.asBoolean()
        ? stands(Versions.Any.ANY)
        : new Precondition(null, Versions.Any.ANY, null, null);
  }

  private static Precondition stands(@Nullable Versions versions) {
    return new Precondition(versions, null, null, null);
  }
}
