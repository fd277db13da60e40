package dev.nebulastore.client;

import org.jspecify.annotations.Nullable;

/** An event of a {@link Watch}. Another watch can continue after its id. */
public sealed interface Event {

  /** The position after this event; empty if the server has not sent one yet. */
  String id();

  /**
   * An entry was written, or its expiry changed.
   *
   * @param value the value if the watch asks for values, else null
   */
  record Put(String id, String key, String etag, @Nullable Value value) implements Event {}

  /** An entry was deleted. */
  record Delete(String id, String key, String etag) implements Event {}

  /** An entry expired. */
  record Expire(String id, String key, String etag) implements Event {}

  /** Changes may have been missed: read again whatever you keep. */
  record Reset(String id) implements Event {}
}
