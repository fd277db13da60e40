package dev.nebulastore.audit;

import dev.nebulastore.audit.AuditEvent.Administered;
import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Refused;
import dev.nebulastore.audit.AuditEvent.Reloaded;
import dev.nebulastore.audit.AuditEvent.Written;
import java.io.StringWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an event as a line of JSON. It is ASCII without control characters, so that nothing in a
 * request can begin a line of its own, whatever reads the log.
 *
 * <p>Threads: immutable.
 */
final class AuditJson {

  private static final JsonMapper JSON =
      JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .build();

  private AuditJson() {}

  /** The line of an event, without a line break. */
  static String line(Instant time, AuditEvent event) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringProperty("time", time.toString());
      switch (event) {
        case Refused(Origin origin, String key, String kind, int status) -> {
          begin(json, "refused", origin);
          optional(json, "key", key);
          json.writeStringProperty("kind", kind);
          json.writeNumberProperty("status", status);
        }
        case Administered(Origin origin, String prefix, Integer status) -> {
          begin(json, "admin", origin);
          optional(json, "prefix", prefix);
          status(json, status);
        }
        case Written(Origin origin, String key, String operation, Integer status) -> {
          begin(json, "write", origin);
          json.writeStringProperty("key", key);
          json.writeStringProperty("operation", operation);
          status(json, status);
        }
        case Reloaded(int tokens, String reason) -> {
          json.writeStringProperty("event", "reload");
          json.writeStringProperty("kind", reason == null ? "loaded" : "refused");
          if (reason == null) {
            json.writeNumberProperty("tokens", tokens);
          }
          optional(json, "reason", reason);
        }
      }
      json.writeEndObject();
    }
    return line.toString();
  }

  private static void begin(JsonGenerator json, String event, Origin origin) {
    json.writeStringProperty("event", event);
    json.writeStringProperty("caller", origin.caller());
    json.writeStringProperty("peer", origin.peer());
    json.writeStringProperty("method", origin.method());
    json.writeStringProperty("path", origin.path());
  }

  private static void optional(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static void status(JsonGenerator json, @Nullable Integer status) {
    if (status != null) {
      json.writeNumberProperty("status", status);
    }
  }
}
