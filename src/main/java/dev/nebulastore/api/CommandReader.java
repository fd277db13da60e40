package dev.nebulastore.api;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a request asks of one key. The fast path and {@link KeyValueController} read through
 * the same one, so that they take and refuse the same.
 *
 * <p>Threads: safe for all.
 */
final class CommandReader {

  private final ValueReader values;
  private final boolean guarded;

  CommandReader(ApiProperties properties) {
    this.values = new ValueReader(properties.limits().valueSize());
    this.guarded = properties.requirePreconditions();
  }

  /** A PUT but for its body. */
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
   * @param path as it was sent, without the query
   * @throws InvalidKey if it names none
   * @throws ApiException if it is not the path of a key, as Tomcat and Spring may take {@code
   *     /%6bv/a} for
   */
  Key key(String path) {
    if (!path.startsWith(KeyCodec.PREFIX)) {
      throw new ApiException(Problem.NOT_FOUND, "The path of a key begins with /kv/.");
    }
    return KeyCodec.decode(path);
  }

  Command.Get get(KeyRequest request) {
    QueryString.refuseAll(request.query());
    return new Command.Get(request.key(), Conditions.of(request));
  }

  Command delete(KeyRequest request) {
    QueryString.refuseAll(request.query());
    return new Command.Delete(request.key(), Conditions.of(request));
  }

  Command touch(KeyRequest request) throws IOException {
    String ttl = QueryString.ttl(request.query());
    if (ttl == null) {
      throw new ApiException(
          Problem.INVALID_TTL, "PATCH changes the expiry: give ?ttl=5m, or ?ttl=none.");
    }
    Duration timeToLive = ttl.equals("none") ? null : Ttl.parse(ttl);
    if (request.hasContent()) {
      throw new ApiException(
          Problem.INVALID_REQUEST, "PATCH changes the expiry alone: send no body with it.");
    }
    return new Command.Touch(request.key(), Conditions.of(request), timeToLive);
  }

  /** All but the body, which has no more bytes than a value may have if its length is known. */
  PutHead put(KeyRequest request) {
    String ttl = QueryString.ttl(request.query());
    Duration timeToLive = ttl == null ? null : Ttl.parse(ttl);
    Precondition precondition = Conditions.of(request);
    ValueReader.refuseCodings(request.headers("Content-Encoding"));
    if (request.headers("Content-Range").hasMoreElements()) {
      throw new ApiException(
          Problem.INVALID_REQUEST,
          "A PUT writes the whole value: Content-Range has no place in it.");
    }
    values.refuseLarger(request.contentLength());
    String type = values.contentType(request.contentType());
    return new PutHead(request.key(), precondition, timeToLive, type, guarded);
  }

  /** Reads the bodies of PUTs. */
  ValueReader values() {
    return values;
  }
}
