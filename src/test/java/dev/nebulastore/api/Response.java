package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;

/** A response; {@code body} has its transfer coding removed. */
@SuppressWarnings("ArrayRecordComponent")
record Response(int status, List<Response.Header> headers, byte[] body) {

  /** A header line as it was received. */
  record Header(String name, String value) {}

  /** The value of the only header with this name, ignoring case. */
  Optional<String> header(String name) {
    List<Header> lines =
        headers.stream().filter(header -> header.name().equalsIgnoreCase(name)).toList();
    if (lines.size() > 1) {
      throw new AssertionError("not one header but " + lines);
    }
    return lines.stream().map(Header::value).findFirst();
  }

  String etag() {
    return header("ETag").orElseThrow(() -> new AssertionError("no ETag in " + this));
  }

  String text() {
    return new String(body, UTF_8);
  }

  @Override
  public String toString() {
    return status + " " + headers + " " + text();
  }
}
