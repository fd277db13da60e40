package dev.nebulastore.api;

import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Value;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes what became of one operation as a JSON object: its status, as the same operation alone
 * would have had it, and what would be in the headers and the body of that answer.
 *
 * <p>Threads: immutable.
 */
final class ResultJsonWriter {

  private final Problems problems;
  private final ClientTime time;

  ResultJsonWriter(Problems problems, ClientTime time) {
    this.problems = problems;
    this.time = time;
  }

  /**
   * Writes the answer to a command.
   *
   * @param instance the path of the request that it came with
   * @param slice of the current thread
   */
  void write(
      JsonGenerator json, Command command, Outcome outcome, String instance, TimeSlice slice) {
    switch (outcome) {
      case Outcome.Found(Entry entry) -> {
        begin(json, 200, entry);
        content(json, entry.value(), slice);
        end(json, entry);
      }
      case Outcome.NotModified(Entry entry) -> bare(json, 304, entry);
      case Outcome.Created(Entry entry) -> bare(json, 201, entry);
      case Outcome.Replaced(Entry entry) -> bare(json, 204, entry);
      case Outcome.Touched(Entry entry) -> bare(json, 204, entry);
      case Outcome.Deleted _ -> {
        begin(json, 204, null);
        end(json, null);
      }
      case Outcome.Absent _, Outcome.PreconditionFailed _, Outcome.PreconditionRequired _ ->
          write(json, Refusal.of(outcome, command.key()), instance);
    }
  }

  /**
   * Writes the answer to an operation that failed, or could not be read.
   *
   * @param key its key, if it has one
   */
  void write(JsonGenerator json, Exception failure, @Nullable Key key, String instance) {
    write(json, problems.refusal(failure, key), instance);
  }

  private void write(JsonGenerator json, Refusal refusal, String instance) {
    begin(json, refusal.problem().status(), null);
    json.writePOJOProperty("problem", refusal.members(instance));
    end(json, null);
  }

  private void bare(JsonGenerator json, int status, Entry entry) {
    begin(json, status, entry);
    end(json, entry);
  }

  private static void begin(JsonGenerator json, int status, @Nullable Entry entry) {
    json.writeStartObject();
    json.writeNumberProperty("status", status);
    if (entry != null) {
      json.writeStringProperty("etag", Etag.of(entry.revision()));
    }
  }

  private void end(JsonGenerator json, @Nullable Entry entry) {
    Instant expires = entry == null ? null : entry.expires();
    if (expires != null) {
      json.writeStringProperty("expires", time.expires(expires).toString());
    }
    json.writeEndObject();
  }

  private static void content(JsonGenerator json, Value value, TimeSlice slice) {
    json.writeStringProperty("contentType", value.contentType());
    ValueJson.write(json, value.bytes(), slice);
  }
}
