package dev.nebulastore.client;

import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpResponse;

/** Readers of successful responses, by the return type of the method. */
final class ResponseReaders {

  /** Reads a result from a response that is no error; null stands for an absent key. */
  @FunctionalInterface
  interface Reader {
    @Nullable Object read(ClientHttpResponse response) throws IOException;
  }

  private static final int CREATED = 201;
  private static final int NOT_MODIFIED = 304;

  private static final Map<Type, Reader> READERS =
      Map.of(
          Entry.class,
          ResponseReaders::entry,
          Metadata.class,
          response -> metadata(response.getHeaders()),
          Reading.class,
          ResponseReaders::reading,
          Written.class,
          ResponseReaders::written,
          Added.class,
          ResponseReaders::added,
          KeyPage.class,
          response -> json(response, KeyPage.class),
          EntryPage.class,
          response -> json(response, EntryPageJson.class).toPage(),
          KeyCount.class,
          response -> json(response, KeyCount.class),
          Transaction.Done.class,
          response -> json(response, TransactionJson.DoneJson.class).toDone(),
          long.class,
          response -> json(response, CountJson.class).count());

  private ResponseReaders() {}

  /** The reader for a type. A method of the interface whose type has none is a bug. */
  static Reader of(Type type) {
    return Optional.ofNullable(READERS.get(type))
        .orElseThrow(() -> new IllegalStateException("no response is read as " + type));
  }

  /** What a method of this type returns for an absent key. */
  static @Nullable Object absent(Type type) {
    return type == Reading.class ? new Reading.Absent() : null;
  }

  private static <T> T json(ClientHttpResponse response, Class<T> type) throws IOException {
    return Json.read(response.getBody().readAllBytes(), type);
  }

  private static Reading reading(ClientHttpResponse response) throws IOException {
    return response.getStatusCode().value() == NOT_MODIFIED
        ? new Reading.Unchanged()
        : new Reading.Found(entry(response));
  }

  private static Entry entry(ClientHttpResponse response) throws IOException {
    HttpHeaders headers = response.getHeaders();
    Value value =
        new Value(response.getBody().readAllBytes(), required(headers, HttpHeaders.CONTENT_TYPE));
    return new Entry(value, etag(headers), modified(headers), expires(headers));
  }

  private static Metadata metadata(HttpHeaders headers) {
    return new Metadata(
        etag(headers),
        headers.getContentLength(),
        required(headers, HttpHeaders.CONTENT_TYPE),
        modified(headers),
        expires(headers));
  }

  private static Written written(ClientHttpResponse response) throws IOException {
    HttpHeaders headers = response.getHeaders();
    boolean created = response.getStatusCode().value() == CREATED;
    return new Written(etag(headers), created, expires(headers));
  }

  private static Added added(ClientHttpResponse response) throws IOException {
    Written written = written(response);
    String sum = new String(response.getBody().readAllBytes(), StandardCharsets.US_ASCII);
    return new Added(Long.parseLong(sum), written.etag(), written.created(), written.expires());
  }

  private static String etag(HttpHeaders headers) {
    return required(headers, HttpHeaders.ETAG);
  }

  private static Instant modified(HttpHeaders headers) {
    String date = required(headers, HttpHeaders.LAST_MODIFIED);
    return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
  }

  private static @Nullable Instant expires(HttpHeaders headers) {
    String time = headers.getFirst("Nebula-Expires");
    return time == null ? null : Instant.parse(time);
  }

  private static String required(HttpHeaders headers, String name) {
    return Optional.ofNullable(headers.getFirst(name))
        .orElseThrow(() -> new IllegalStateException("the response has no " + name));
  }
}
