package dev.nebulastore.api.kv;

import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.codec.Ttl;
import dev.nebulastore.api.codec.ValueReader;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Counter;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.security.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a request for one key into a command. The fast path and {@link KeyValueController} share
 * it, so that they accept and refuse the same requests. It is also where the rights of the caller
 * are checked, before anything is looked up.
 *
 * <p>Threads: safe for all.
 */
final class CommandReader {

  private static final Set<String> ADD = Set.of("add", "ttl");

  private final ValueReader values;
  private final boolean guarded;

  CommandReader(RequestLimits limits) {
    this.values = new ValueReader(limits.valueSize());
    this.guarded = limits.requirePreconditions();
  }

  /** A PUT without its body. */
  record PutHead(
      Key key,
      Precondition precondition,
      @Nullable Duration timeToLive,
      String contentType,
      boolean guarded) {

    Command with(byte[] body) {
      Value value = new Value(body, contentType);
      return new Command.Put(key, precondition, value, timeToLive, guarded);
    }
  }

  /**
   * The key that a path names.
   *
   * @param path the path as it was sent, without the query
   * @throws InvalidKey if the key is invalid
   * @throws ApiException if it is not the path of a key; Tomcat and Spring may map {@code /%6bv/a}
   *     here
   */
  Key key(String path) {
    if (!path.startsWith(KeyCodec.PREFIX)) {
      throw new ApiException(Problem.NOT_FOUND, "The path of a key begins with /kv/.");
    }
    return KeyCodec.decode(path);
  }

  Command.Get get(KeyRequest request) {
    request.caller().require(Role.READ, request.key());
    QueryString.refuseAll(request.query());
    return new Command.Get(request.key(), Conditions.of(request));
  }

  Command delete(KeyRequest request) {
    request.caller().require(Role.WRITE, request.key());
    QueryString.refuseAll(request.query());
    return new Command.Delete(request.key(), Conditions.of(request));
  }

  Command touch(KeyRequest request) throws IOException {
    request.caller().require(Role.WRITE, request.key());
    String ttl = QueryString.ttl(request.query());
    if (ttl == null) {
      throw new ApiException(
          Problem.INVALID_TTL, "PATCH changes the expiry: add ?ttl=5m or ?ttl=none.");
    }
    Duration timeToLive = Ttl.parseOrNone(ttl);
    if (request.hasContent()) {
      throw new ApiException(
          Problem.INVALID_REQUEST, "PATCH changes only the expiry. Send no body.");
    }
    return new Command.Touch(request.key(), Conditions.of(request), timeToLive);
  }

  Command add(KeyRequest request) throws IOException {
    request.caller().require(Role.READ, request.key());
    request.caller().require(Role.WRITE, request.key());
    Map<String, String> given = QueryString.parse(request.query(), ADD);
    String add = given.get("add");
    String ttl = given.get("ttl");
    if (add == null) {
      throw new ApiException(
          Problem.INVALID_PARAMETER, "POST adds to a number: send ?add=5. PUT writes a value.");
    }
    OptionalLong amount = Counter.parse(add);
    if (amount.isEmpty()) {
      throw new ApiException(
          Problem.INVALID_PARAMETER,
          "The parameter \"add\" is a decimal number within 64 bits, such as 5 or -5.");
    }
    Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
    Precondition precondition = Conditions.of(request);
    if (request.hasContent()) {
      throw new ApiException(
          Problem.INVALID_REQUEST, "POST has the number in the query. Send no body.");
    }
    return new Command.Add(request.key(), precondition, amount.getAsLong(), timeToLive);
  }

  /** Reads everything but the body, and refuses a body that is announced as too large. */
  PutHead put(KeyRequest request) {
    request.caller().require(Role.WRITE, request.key());
    String ttl = QueryString.ttl(request.query());
    Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
    Precondition precondition = Conditions.of(request);
    ValueReader.refuseCodings(request.headers("Content-Encoding"));
    if (request.headers("Content-Range").hasMoreElements()) {
      throw new ApiException(
          Problem.INVALID_REQUEST, "PUT writes the whole value. Content-Range is not supported.");
    }
    values.refuseLarger(request.contentLength());
    String type = values.contentType(request.contentType());
    return new PutHead(request.key(), precondition, timeToLive, type, guarded);
  }

  /** The reader of bodies. */
  ValueReader values() {
    return values;
  }
}
