package dev.nebulastore.api.kv;

import dev.nebulastore.api.answer.ResponseWriter;
import dev.nebulastore.api.codec.ByteRange;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.ServletReply;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Outcome;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Enumeration;

/**
 * Answers a GET with a part of the value, if it asks for one (RFC 9110, section 14). It is asked
 * after all other conditions, for a value that would be sent as a whole otherwise.
 *
 * <p>Threads: immutable.
 */
final class PartialContent {

  private final ResponseWriter writer;

  PartialContent(ResponseWriter writer) {
    this.writer = writer;
  }

  /**
   * Writes the part that the request asks for.
   *
   * @return false if the outcome has to be answered as a whole
   * @throws ApiException if the value has no byte of the range
   */
  boolean answer(ServletReply reply, Outcome outcome, Share share) throws IOException {
    if (!(outcome instanceof Outcome.Found(Entry entry))) {
      return false;
    }
    HttpServletRequest request = reply.request();
    ByteRange range = ByteRange.parse(request.getHeaders("Range"));
    if (range == null || !isOf(entry, request.getHeaders("If-Range"))) {
      return false;
    }
    int size = entry.value().size();
    ByteRange.Part part = range.within(size);
    if (part == null) {
      reply.header("Content-Range", "bytes */" + size);
      throw new ApiException(
          Problem.RANGE_NOT_SATISFIABLE, "The value has " + size + " bytes, none in the range.");
    }
    if (part.length() == 0) {
      // No Content-Range describes a part of an empty value.
      return false;
    }
    writer.writePart(reply, entry, part, share);
    return true;
  }

  /**
   * Whether the client has a part of this version. A date never says so: a value may change twice
   * within a second.
   */
  private static boolean isOf(Entry entry, Enumeration<String> ifRange) {
    if (!ifRange.hasMoreElements()) {
      return true;
    }
    boolean same = ifRange.nextElement().strip().equals(Etag.of(entry.revision()));
    return same && !ifRange.hasMoreElements();
  }
}
