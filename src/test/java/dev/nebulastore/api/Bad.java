package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;

/** A malformed request as raw bytes, and the problem that is expected as its response. */
record Bad(Problem problem, String message) {

  /** A request line followed by a Host header. */
  static Bad line(Problem problem, String line) {
    return new Bad(problem, line + "\r\nHost: localhost\r\n\r\n");
  }

  /** A request without a body for a sentinel, with these header lines in addition to Host. */
  static Bad bare(Problem problem, String method, String target, String... headers) {
    return new Bad(problem, RawHttp.head(method, target, headers) + "\r\n");
  }

  /** A PUT over a sentinel with these header lines and a body of five bytes. */
  static Bad put(Problem problem, String target, String... headers) {
    return new Bad(
        problem, RawHttp.head("PUT", target, headers) + "Content-Length: 5\r\n\r\nwrong");
  }

  /** A PUT over a sentinel with this framing, followed by a DELETE that must not be executed. */
  static Bad framed(String framing, String body) {
    return framed(Problem.INVALID_REQUEST, framing, body);
  }

  /** As {@link #framed(String, String)}, with another problem. */
  static Bad framed(Problem problem, String framing, String body) {
    String smuggled = "DELETE /kv/b HTTP/1.1\r\nHost: localhost\r\n\r\n";
    return body(problem, framing, body + smuggled);
  }

  /** A PUT over a sentinel with this framing and these bytes as its body. */
  static Bad body(Problem problem, String framing, String body) {
    return new Bad(problem, RawHttp.head("PUT", "/kv/a", framing) + "\r\n" + body);
  }

  /** A PUT over a sentinel whose body is these chunks. */
  static Bad chunked(Problem problem, String body) {
    return body(problem, "Transfer-Encoding: chunked", body);
  }

  /** Sends it on its own connection, and fails unless exactly the expected problem is returned. */
  void isRefused(int port) {
    try (RawHttp http = new RawHttp(port)) {
      http.send(RawHttp.bytes(message)).sendEnd();
      Response answer = http.answerTo("GET");
      ProblemJson.of(answer, problem.status(), problem);
      if (problem == Problem.METHOD_NOT_ALLOWED) {
        assertThat(answer.header("Allow")).hasValue("GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS");
      }
      assertThat(http.rest()).as("bytes after %s", answer).isEmpty();
    }
  }

  @Override
  public String toString() {
    String line = message.replace("\r\n", "⏎");
    return line.length() <= 100 ? line : line.substring(0, 100) + "…" + line.length();
  }
}
