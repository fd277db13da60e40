package dev.nebulastore.client;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of a listing with values, as the server writes it. */
record EntryPageJson(List<EntryJson> keys, List<String> prefixes, @Nullable String cursor) {

  /** An entry of the page. */
  record EntryJson(
      String key,
      String etag,
      String contentType,
      Instant modified,
      @Nullable Instant expires,
      @Nullable String value,
      @Nullable String base64) {

    ListedEntry toEntry() {
      Value content = ValueJson.toValue(contentType, value, base64);
      if (content == null) {
        throw NebulaStoreException.noAnswer(new IOException("an entry has no value"), null);
      }
      return new ListedEntry(key, new Entry(content, etag, modified, expires));
    }
  }

  EntryPage toPage() {
    return new EntryPage(keys.stream().map(EntryJson::toEntry).toList(), prefixes, cursor);
  }
}
