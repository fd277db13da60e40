package dev.nebulastore.client;

import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpResponse;
import tools.jackson.databind.JsonNode;

/** What the answers of the server become in a program, by the type that a method gives back. */
final class Answers {

  /** Makes a result of an answer that is no problem; null stands for an absent key. */
  @FunctionalInterface
  interface Reader {
    @Nullable Object read(ClientHttpResponse response) throws IOException;
  }

  private static final int CREATED = 201;
  private static final int NOT_MODIFIED = 304;

  private static final Map<Type, Reader> READERS =
      Map.of(
          Entry.class, Answers::entry,
          Metadata.class, response -> metadata(response.getHeaders()),
          Reading.class, Answers::reading,
          Written.class, Answers::written,
          KeyPage.class, response -> Json.page(json(response)),
          Transaction.Done.class, response -> Json.done(json(response)),
          long.class, response -> json(response).required("deleted").asLong());

  private Answers() {}

  /** The reader for a type; a type that has none is a mistake in the interface. */
  static Reader of(Type type) {
    return Optional.ofNullable(READERS.get(type))
        .orElseThrow(() -> new IllegalStateException("no answer is read as a " + type));
  }

  /** What stands for an absent key, where a method has a word for it. */
  static @Nullable Object absent(Type type) {
    return type == Reading.class ? new Reading.Absent() : null;
  }

  private static JsonNode json(ClientHttpResponse response) throws IOException {
    return Json.MAPPER.readTree(response.getBody().readAllBytes());
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
        .orElseThrow(() -> new IllegalStateException("the answer has no " + name));
  }
}
