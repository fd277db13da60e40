package dev.nebulastore.client;

import org.jspecify.annotations.Nullable;

/** What a {@link Watch} tells. Each event has an id, from which another watch can go on. */
public sealed interface Event {

  /** The position behind this event; empty where the server has not told one yet. */
  String id();

  /**
   * An entry was written, or its expiry changed.
   *
   * @param value its value, if the watch asked for values
   */
  record Put(String id, String key, String etag, @Nullable Value value) implements Event {}

  /** An entry was deleted. */
  record Delete(String id, String key, String etag) implements Event {}

  /** An entry expired. */
  record Expire(String id, String key, String etag) implements Event {}

  /** Changes may have been missed: what the watcher believes must be read anew. */
  record Reset(String id) implements Event {}
}
