package dev.nebulastore.api.keys;

import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.NestedJson;
import dev.nebulastore.api.codec.ValueJson;
import dev.nebulastore.api.keys.Listing.Group;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.Listing.Listed;
import dev.nebulastore.api.keys.Listing.Read;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the items of a listing as JSON.
 *
 * <p>Threads: confined to the request's.
 */
final class ListingJson {

  private final TimeSlice slice;
  private final ClientTime time;

  /** Creates a writer for the thread of this slice. */
  ListingJson(TimeSlice slice, ClientTime time) {
    this.slice = slice;
    this.time = time;
  }

  /** Writes a page as one object. */
  void page(List<Item> items, @Nullable String next, OutputStream out) throws IOException {
    NestedJson.write(
        out,
        body -> {
          body.writeStartObject();
          body.writeArrayPropertyStart("keys");
          for (Item item : items) {
            slice.check();
            switch (item) {
              case Listed(EntryMetadata summary) -> write(body, summary);
              case Read(Entry entry) -> write(body, entry);
              case Group _ -> {}
            }
          }
          body.writeEndArray();
          body.writeArrayPropertyStart("prefixes");
          for (Item item : items) {
            if (item instanceof Group(String prefix)) {
              body.writeString(prefix);
            }
          }
          body.writeEndArray();
          end(body, next);
        });
  }

  /** Writes a count, as a page without keys: clients read one kind of object. */
  void count(KeyCount keys, @Nullable String next, OutputStream out) throws IOException {
    NestedJson.write(
        out,
        body -> {
          body.writeStartObject();
          body.writeNumberProperty("count", keys.count());
          body.writeBooleanProperty("exact", keys.position() == null);
          for (String empty : List.of("keys", "prefixes")) {
            body.writeArrayPropertyStart(empty);
            body.writeEndArray();
          }
          end(body, next);
        });
  }

  private static void end(JsonGenerator body, @Nullable String next) {
    if (next != null) {
      body.writeStringProperty("cursor", next);
    }
    body.writeEndObject();
  }

  /** Writes a line for each item: for an entry with its value, the operation that stores it. */
  void lines(List<Item> items, OutputStream out) throws IOException {
    NestedJson.write(
        out,
        line -> {
          for (Item item : items) {
            slice.check();
            switch (item) {
              case Listed(EntryMetadata summary) -> write(line, summary);
              case Read(Entry entry) -> operation(line, entry);
              case Group(String prefix) -> {
                line.writeStartObject();
                line.writeStringProperty("prefix", prefix);
                line.writeEndObject();
              }
            }
            line.writeRaw('\n');
          }
        });
  }

  /** Writes the operation that stores an entry, as a line. */
  void operation(Entry entry, OutputStream out) throws IOException {
    NestedJson.write(
        out,
        line -> {
          operation(line, entry);
          line.writeRaw('\n');
        });
  }

  private void operation(JsonGenerator line, Entry entry) {
    line.writeStartObject();
    line.writeStringProperty("op", "put");
    line.writeStringProperty("key", entry.key().toString());
    ValueJson.writeType(line, entry.value().contentType());
    if (entry.expires() != null) {
      line.writeStringProperty("expires", time.expires(entry.expires()).toString());
    }
    ValueJson.write(line, entry.value().bytes(), slice);
    line.writeEndObject();
  }

  private void write(JsonGenerator body, Entry entry) {
    body.writeStartObject();
    members(body, EntryMetadata.of(entry));
    ValueJson.write(body, entry.value().bytes(), slice);
    body.writeEndObject();
  }

  private void write(JsonGenerator body, EntryMetadata summary) {
    body.writeStartObject();
    members(body, summary);
    body.writeEndObject();
  }

  private void members(JsonGenerator body, EntryMetadata summary) {
    body.writeStringProperty("key", summary.key().toString());
    body.writeStringProperty("etag", Etag.of(summary.revision()));
    body.writeNumberProperty("size", summary.size());
    ValueJson.writeType(body, summary.contentType());
    body.writeStringProperty("modified", time.modified(summary.modified()).toString());
    if (summary.expires() != null) {
      body.writeStringProperty("expires", time.expires(summary.expires()).toString());
    }
  }
}
