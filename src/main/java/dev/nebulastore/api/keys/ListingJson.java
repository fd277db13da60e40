package dev.nebulastore.api.keys;

import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.NestedJson;
import dev.nebulastore.api.codec.ValueJson;
import dev.nebulastore.api.keys.Listing.Group;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.Listing.Listed;
import dev.nebulastore.http.TimeSlice;
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
            if (item instanceof Listed(EntryMetadata summary)) {
              write(body, summary);
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
          if (next != null) {
            body.writeStringProperty("cursor", next);
          }
          body.writeEndObject();
        });
  }

  /** Writes a line for each item. */
  void lines(List<Item> items, OutputStream out) throws IOException {
    NestedJson.write(
        out,
        line -> {
          for (Item item : items) {
            slice.check();
            switch (item) {
              case Listed(EntryMetadata summary) -> write(line, summary);
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

  private void write(JsonGenerator body, EntryMetadata summary) {
    body.writeStartObject();
    body.writeStringProperty("key", summary.key().toString());
    body.writeStringProperty("etag", Etag.of(summary.revision()));
    body.writeNumberProperty("size", summary.size());
    ValueJson.writeType(body, summary.contentType());
    body.writeStringProperty("modified", time.modified(summary.modified()).toString());
    if (summary.expires() != null) {
      body.writeStringProperty("expires", time.expires(summary.expires()).toString());
    }
    body.writeEndObject();
  }
}
