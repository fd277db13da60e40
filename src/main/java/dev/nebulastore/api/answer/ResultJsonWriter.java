package dev.nebulastore.api.answer;

import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.ValueJson;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.error.Refusal;
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
 * Writes the result of one operation as a JSON object: the status that the same operation would
 * have as a request, and the contents of its headers and body.
 *
 * <p>Threads: immutable.
 */
public final class ResultJsonWriter {

  private final Problems problems;
  private final ClientTime time;
  private final String prefix;
  private final String path;

  /**
   * Creates a writer for one request.
   *
   * @param prefix what clients have to put before a path of this server
   * @param path of the request that has the operations
   */
  public ResultJsonWriter(Problems problems, ClientTime time, String prefix, String path) {
    this.problems = problems;
    this.time = time;
    this.prefix = prefix;
    this.path = path;
  }

  /**
   * Writes the answer to a command.
   *
   * @param slice the slice of the current thread
   */
  public void write(JsonGenerator json, Command command, Outcome outcome, TimeSlice slice) {
    switch (outcome) {
      case Outcome.Found(Entry entry) -> full(json, 200, entry, slice);
      case Outcome.Added(Entry entry, boolean created) ->
          full(json, created ? 201 : 200, entry, slice);
      case Outcome.NotModified(Entry entry) -> bare(json, 304, entry);
      case Outcome.Created(Entry entry) -> bare(json, 201, entry);
      case Outcome.Replaced(Entry entry) -> bare(json, 204, entry);
      case Outcome.Touched(Entry entry) -> bare(json, 204, entry);
      case Outcome.Deleted _ -> {
        begin(json, 204, null);
        end(json, null);
      }
      case Outcome.Absent _,
          Outcome.PreconditionFailed _,
          Outcome.PreconditionRequired _,
          Outcome.NotANumber _ ->
          write(json, OutcomeProblems.of(outcome, command));
    }
  }

  /**
   * Writes the answer to an operation that failed or is malformed.
   *
   * @param key the key of the operation, if there is one
   */
  public void write(JsonGenerator json, Exception failure, @Nullable Key key) {
    write(json, problems.refusal(failure, key));
  }

  private void write(JsonGenerator json, Refusal refusal) {
    begin(json, refusal.problem().status(), null);
    json.writePOJOProperty("problem", refusal.members(prefix, path));
    end(json, null);
  }

  private void full(JsonGenerator json, int status, Entry entry, TimeSlice slice) {
    begin(json, status, entry);
    content(json, entry.value(), slice);
    end(json, entry);
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
    ValueJson.writeType(json, value.contentType());
    ValueJson.write(json, value.bytes(), slice);
  }
}
