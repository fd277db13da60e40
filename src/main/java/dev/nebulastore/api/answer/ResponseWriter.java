package dev.nebulastore.api.answer;

import dev.nebulastore.api.codec.ByteRange;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.codec.HttpDate;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.Reply;
import dev.nebulastore.http.ServletReply;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import java.io.IOException;
import java.time.Instant;

/**
 * Writes the outcome of a command on one key as the answer to its request.
 *
 * <p>Threads: immutable.
 */
public final class ResponseWriter {

  private final Problems problems;
  private final ClientTime time;

  /** Creates a writer. */
  public ResponseWriter(Problems problems, ClientTime time) {
    this.problems = problems;
    this.time = time;
  }

  /**
   * Writes an answer.
   *
   * @param condition the condition of the request, if it was refused because of it
   * @param share the memory of the request, which covers a value that is found
   * @param path the path of the request, as it was sent
   * @throws Overloaded if there is no memory for the value; nothing is written then
   */
  public void write(
      Reply reply, Key key, Outcome outcome, Precondition condition, Share share, String path)
      throws IOException {
    switch (outcome) {
      case Outcome.Found(Entry entry) -> {
        share.cover(entry.value().size());
        describe(reply, 200, entry);
        describeValue(reply, entry);
        reply.body(entry.value().bytes());
      }
      case Outcome.NotModified(Entry entry) -> describe(reply, 304, entry);
      case Outcome.Created(Entry entry) -> acknowledge(reply, 201, entry);
      case Outcome.Replaced(Entry entry) -> acknowledge(reply, 204, entry);
      case Outcome.Touched(Entry entry) -> acknowledge(reply, 204, entry);
      case Outcome.Added(Entry entry, boolean created) -> {
        acknowledge(reply, created ? 201 : 200, entry);
        reply.header("Cache-Control", "no-store");
        reply.header("X-Content-Type-Options", "nosniff");
        reply.contentType(entry.value().contentType());
        reply.body(entry.value().bytes());
      }
      case Outcome.Deleted _ -> reply.status(204);
      case Outcome.Absent _,
          Outcome.PreconditionFailed _,
          Outcome.PreconditionRequired _,
          Outcome.NotANumber _ ->
          problems.write(reply, OutcomeProblems.of(outcome, key, condition), path);
    }
  }

  /**
   * Writes a part of a value that was found, as 206.
   *
   * @param share the memory of the request, which covers the whole value
   * @throws Overloaded if there is no memory for the value; nothing is written then
   */
  public void writePart(ServletReply reply, Entry entry, ByteRange.Part part, Share share)
      throws IOException {
    int size = entry.value().size();
    share.cover(size);
    describe(reply, 206, entry);
    int last = part.from() + part.length() - 1;
    reply.header("Content-Range", "bytes " + part.from() + "-" + last + "/" + size);
    describeValue(reply, entry);
    reply.body(entry.value().bytes(), part.from(), part.length());
  }

  private static void describeValue(Reply reply, Entry entry) {
    reply.header("Accept-Ranges", "bytes");
    reply.header("X-Content-Type-Options", "nosniff");
    reply.header("Content-Security-Policy", "sandbox; default-src 'none'");
    reply.header("Cross-Origin-Resource-Policy", "same-origin");
    reply.contentType(entry.value().contentType());
  }

  /** Writes the status and the metadata of an entry. */
  private void describe(Reply reply, int status, Entry entry) {
    reply.status(status);
    reply.header("ETag", Etag.of(entry.revision()));
    reply.header("Last-Modified", HttpDate.format(time.modified(entry.modified())));
    reply.header("Cache-Control", "no-cache");
    announceExpiry(reply, entry);
  }

  private void acknowledge(Reply reply, int status, Entry entry) {
    reply.status(status);
    reply.header("ETag", Etag.of(entry.revision()));
    announceExpiry(reply, entry);
  }

  private void announceExpiry(Reply reply, Entry entry) {
    Instant expires = entry.expires();
    if (expires != null) {
      reply.header("Nebula-Expires", time.expires(expires).toString());
    }
  }
}
