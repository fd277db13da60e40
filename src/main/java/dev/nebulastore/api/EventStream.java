package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.watch.EventId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes what is told to a client as server-sent events: the format {@code text/event-stream} of
 * the HTML standard, section 9.2.
 *
 * <p>Threads: confined to the request's.
 */
final class EventStream {

  private static final JsonMapper JSON = new JsonMapper();

  private final OutputStream out;
  private final boolean values;
  private final RecentEvents recent;

  EventStream(OutputStream out, boolean values, RecentEvents recent) {
    this.out = out;
    this.values = values;
    this.recent = recent;
  }

  /**
   * A position without an event: a client that knows it goes on from there. The comment before it
   * is for who looks at the stream.
   */
  void position(EventId id) throws IOException {
    write(": here\nid: " + id + "\n\n");
  }

  void reset(EventId id) throws IOException {
    out.write(event("reset", id, Map.of()));
  }

  void change(EventId id, Change change) throws IOException {
    out.write(recent.of(id, values, () -> event(id, change)));
  }

  private byte[] event(EventId id, Change change) {
    return switch (change) {
      case Change.Put(Entry entry) -> event("put", id, data(entry));
      case Change.Delete(Key key, Revision revision, Instant at) ->
          event("delete", id, data(key, revision, at));
      case Change.Expire(Key key, Revision revision, Instant at) ->
          event("expire", id, data(key, revision, at));
    };
  }

  void flush() throws IOException {
    out.flush();
  }

  private Map<String, Object> data(Entry entry) {
    Map<String, Object> data = new LinkedHashMap<>();
    Value value = entry.value();
    data.put("key", entry.key().toString());
    data.put("etag", Etag.of(entry.revision()));
    data.put("size", value.size());
    data.put("contentType", value.contentType());
    data.put("modified", entry.modified().toString());
    if (entry.expires() != null) {
      data.put("expires", entry.expires().toString());
    }
    if (values) {
      try {
        data.put("value", UTF_8.newDecoder().decode(ByteBuffer.wrap(value.bytes())).toString());
      } catch (CharacterCodingException e) {
        data.put("base64", Base64.getEncoder().encodeToString(value.bytes()));
      }
    }
    return data;
  }

  private static Map<String, Object> data(Key key, Revision revision, Instant at) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("key", key.toString());
    data.put("etag", Etag.of(revision));
    data.put("modified", at.toString());
    return data;
  }

  /** In JSON the ends of lines are escaped, so the data is one line. */
  private static byte[] event(String name, EventId id, Map<String, Object> data) {
    String text =
        "event: " + name + "\nid: " + id + "\ndata: " + JSON.writeValueAsString(data) + "\n\n";
    return text.getBytes(UTF_8);
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(UTF_8));
  }
}
