package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a batch or a transaction, as the server reads it. The server refuses members that
 * are null, so they are left out. It names the key in a problem if it has read the key by then, so
 * the key comes early.
 *
 * @param value the content if it is valid UTF-8, else null
 * @param base64 the content if it is not
 * @param add what to add
 * @param ttl written in ISO 8601, such as {@code PT1H}, or {@code none}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
  "op",
  "key",
  "contentType",
  "value",
  "base64",
  "add",
  "ttl",
  "expires",
  "ifMatch",
  "ifNoneMatch"
})
record OperationJson(
    String op,
    String key,
    @Nullable String contentType,
    @Nullable String value,
    @Nullable String base64,
    @Nullable Long add,
    @Nullable String ttl,
    @Nullable Instant expires,
    @Nullable String ifMatch,
    @Nullable String ifNoneMatch) {

  static OperationJson of(Operation operation) {
    if (operation instanceof Operation.Put put) {
      return put(put);
    }
    if (operation instanceof Operation.Touch touch) {
      String ttl = touch.ttl() == null ? "none" : touch.ttl().toString();
      return withoutValue("touch", touch, null, ttl);
    }
    if (operation instanceof Operation.Add add) {
      return withoutValue("add", add, add.amount(), text(add.ttl()));
    }
    return withoutValue(
        operation instanceof Operation.Get ? "get" : "delete", operation, null, null);
  }

  private static OperationJson put(Operation.Put put) {
    String text = text(put.value().bytes());
    return new OperationJson(
        "put",
        Keys.encodable(put.key()),
        put.value().contentType(),
        text,
        text == null ? Base64.getEncoder().encodeToString(put.value().bytes()) : null,
        null,
        text(put.ttl()),
        put.expires(),
        tags(put.condition().ifMatch()),
        tags(put.condition().ifNoneMatch()));
  }

  private static OperationJson withoutValue(
      String op, Operation operation, @Nullable Long amount, @Nullable String ttl) {
    return new OperationJson(
        op,
        Keys.encodable(operation.key()),
        null,
        null,
        null,
        amount,
        ttl,
        null,
        tags(operation.condition().ifMatch()),
        tags(operation.condition().ifNoneMatch()));
  }

  private static @Nullable String tags(List<String> tags) {
    return tags.isEmpty() ? null : String.join(", ", tags);
  }

  private static @Nullable String text(@Nullable Duration ttl) {
    return ttl == null ? null : ttl.toString();
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
