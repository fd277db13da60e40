package dev.nebulastore.api.txn;

import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.codec.StrictJson;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Transaction.Condition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Parses a transaction: the JSON of a request becomes a {@link Transaction}, as strictly as by
 * {@link OperationParser}.
 *
 * <p>Threads: immutable.
 */
final class TransactionReader {

  private final OperationParser operations;
  private final int maxKeys;

  TransactionReader(OperationParser operations, int maxKeys) {
    this.operations = operations;
    this.maxKeys = maxKeys;
  }

  /**
   * Parses bytes.
   *
   * @throws ApiException if they are no transaction
   * @throws dev.nebulastore.kv.KvException.InvalidKey if one of the keys is invalid
   */
  Transaction read(byte[] json) {
    Lists lists =
        operations
            .json()
            .read(
                json,
                0,
                json.length,
                parser -> {
                  Lists read = new Lists();
                  StrictJson.object(parser, "A transaction", read);
                  return read;
                });
    Transaction transaction;
    try {
      transaction = lists.transaction();
    } catch (IllegalArgumentException e) {
      throw StrictJson.malformed(e.getMessage() + ".");
    }
    int keys = transaction.keys().size();
    if (keys > maxKeys) {
      throw StrictJson.malformed(
          "A transaction names at most %d keys (nebula.limits.transaction-keys), not %d."
              .formatted(maxKeys, keys));
    }
    return transaction;
  }

  /** The lists of a transaction, in any order. */
  private final class Lists implements StrictJson.Member {
    private final List<Condition> conditions = new ArrayList<>();
    private final List<Command> then = new ArrayList<>();
    private final List<Command> otherwise = new ArrayList<>();

    @Override
    public void read(JsonParser parser, String name) {
      switch (name) {
        case "if" -> elements(parser, name, conditions, TransactionReader::condition);
        case "then" -> elements(parser, name, then, operations::read);
        case "else" -> elements(parser, name, otherwise, operations::read);
        default -> throw StrictJson.unknown(name, "a transaction");
      }
    }

    Transaction transaction() {
      Set<Key> guarded = conditions.stream().map(Condition::key).collect(Collectors.toSet());
      return new Transaction(conditions, guarded(then, guarded), guarded(otherwise, guarded));
    }
  }

  private static <T> void elements(
      JsonParser parser, String name, List<T> list, StrictJson.Reading<T> element) {
    if (parser.nextToken() != JsonToken.START_ARRAY) {
      throw StrictJson.malformed("The member \"%s\" must be an array.".formatted(name));
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (list.size() == Transaction.MAX_COMMANDS) {
        throw StrictJson.malformed(
            "The member \"%s\" has at most %d elements.".formatted(name, Transaction.MAX_COMMANDS));
      }
      list.add(element.read(parser));
    }
  }

  /** A put needs no condition of its own if a condition of the transaction names its key. */
  private static List<Command> guarded(List<Command> commands, Set<Key> guarded) {
    return commands.stream()
        .map(command ->
            command instanceof Command.Put(var key, var precondition, var value, var ttl, var _)
                    && guarded.contains(key)
                ? new Command.Put(key, precondition, value, ttl, false)
                : command)
        .toList();
  }

  private static Condition condition(JsonParser parser) {
    ConditionMembers members = new ConditionMembers();
    try {
      StrictJson.object(parser, "A condition", members);
      return members.condition();
    } catch (ApiException e) {
      throw members.key == null ? e : e.about(members.key);
    }
  }

  /** The members of a condition that were read so far. */
  private static final class ConditionMembers implements StrictJson.Member {
    private @Nullable Key key;
    private @Nullable String etag;
    private @Nullable Boolean exists;

    @Override
    public void read(JsonParser parser, String name) {
      switch (name) {
        case "key" -> key = Key.of(StrictJson.string(parser, name));
        case "etag" -> etag = StrictJson.string(parser, name);
        case "exists" -> exists = truth(parser.nextToken());
        default -> throw StrictJson.unknown(name, "a condition");
      }
    }

    private static boolean truth(@Nullable JsonToken token) {
      if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
        throw StrictJson.malformed("The member \"exists\" must be true or false.");
      }
      return token == JsonToken.VALUE_TRUE;
    }

    Condition condition() {
      if (key == null) {
        throw StrictJson.malformed("The member \"key\" is missing.");
      }
      if ((etag == null) == (exists == null)) {
        throw StrictJson.malformed("A condition has either an \"etag\" or \"exists\".");
      }
      if (etag != null) {
        return new Condition(
            key, stands(Etag.parse("etag", Collections.enumeration(List.of(etag)), false)));
      }
      return new Condition(
          key,
          Boolean.TRUE.equals(exists)
              ? stands(Versions.Any.ANY)
              : new Precondition(null, Versions.Any.ANY, null, null));
    }

    private static Precondition stands(@Nullable Versions versions) {
      return new Precondition(versions, null, null, null);
    }
  }
}
