package dev.nebulastore.api.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.NestedJson;
import dev.nebulastore.api.codec.ValueJson;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Value;
import dev.nebulastore.watch.EventId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * Writes changes as server-sent events: the format {@code text/event-stream} of the HTML standard,
 * section 9.2.
 *
 * <p>Threads: confined to the request's.
 */
final class EventStream {

  private final OutputStream out;
  private final boolean values;
  private final RecentEvents recent;
  private final Share share;
  private final TimeSlice slice;
  private final ClientTime time;

  /**
   * Creates a stream.
   *
   * @param values whether events include values
   * @param share the memory of the request, which counts a value while it is sent
   * @param slice the slice of the current thread
   * @param time converts times
   */
  EventStream(
      OutputStream out,
      boolean values,
      RecentEvents recent,
      Share share,
      TimeSlice slice,
      ClientTime time) {
    this.out = slice.over(out);
    this.values = values;
    this.recent = recent;
    this.share = share;
    this.slice = slice;
    this.time = time;
  }

  /**
   * Writes a position without an event, from which the client can continue. The comment before it
   * is for people who look at the stream.
   */
  void position(EventId id) throws IOException {
    write(": here\nid: " + id + "\n\n");
  }

  void reset(EventId id) throws IOException {
    out.write(event("reset", id, _ -> {}));
  }

  /**
   * Writes a change. A large value is written in pieces and counted until the client has read it,
   * since the history may drop it meanwhile. If there is no memory for it, the client gets a reset,
   * as if it had fallen behind.
   */
  void change(EventId id, Change change) throws IOException {
    slice.check();
    Entry entry = change.entry();
    if (!values || entry == null || entry.value().size() <= ComputeThreads.SMALL) {
      out.write(recent.of(id, values, time.ahead(), () -> event(id, change)));
    } else if (share.has(entry.value().size())) {
      writeEvent(out, nameOf(change.kind()), id, json -> members(json, entry));
      var _ = share.has(0);
    } else {
      reset(id);
    }
  }

  private byte[] event(EventId id, Change change) {
    Entry entry = change.entry();
    return event(
        nameOf(change.kind()),
        id,
        entry == null ? json -> removal(json, change) : json -> members(json, entry));
  }

  /** The name of the event, by which a watcher chooses it. */
  static String nameOf(Change.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  void flush() throws IOException {
    out.flush();
  }

  private void members(JsonGenerator json, Entry entry) {
    Value value = entry.value();
    json.writeStringProperty("key", entry.key().toString());
    json.writeStringProperty("etag", Etag.of(entry.revision()));
    json.writeNumberProperty("size", value.size());
    ValueJson.writeType(json, value.contentType());
    json.writeStringProperty("modified", time.modified(entry.modified()).toString());
    if (entry.expires() != null) {
      json.writeStringProperty("expires", time.expires(entry.expires()).toString());
    }
    if (values) {
      ValueJson.write(json, value.bytes(), slice);
    }
  }

  private void removal(JsonGenerator json, Change change) {
    json.writeStringProperty("key", change.key().toString());
    json.writeStringProperty("etag", Etag.of(change.revision()));
    json.writeStringProperty("modified", time.modified(change.at()).toString());
  }

  private static byte[] event(String name, EventId id, Consumer<JsonGenerator> members) {
    try {
      ByteArrayOutputStream event = new ByteArrayOutputStream();
      writeEvent(event, name, id, members);
      return event.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JSON escapes line ends, so the data is one line. */
  private static void writeEvent(
      OutputStream out, String name, EventId id, Consumer<JsonGenerator> members)
      throws IOException {
    out.write(("event: " + name + "\nid: " + id + "\ndata: ").getBytes(UTF_8));
    NestedJson.write(
        out,
        json -> {
          json.writeStartObject();
          members.accept(json);
          json.writeEndObject();
        });
    out.write("\n\n".getBytes(UTF_8));
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(UTF_8));
  }
}
