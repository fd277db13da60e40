package dev.nebulastore.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The answer to a request that a servlet has.
 *
 * <p>Threads: confined to the request's.
 */
record ServletReply(HttpServletRequest request, HttpServletResponse response) implements Reply {

  /** Whoever does not take so much holds memory that others may need. */
  private static final int LARGE = 8 << 10;

  @Override
  public void status(int status) {
    response.setStatus(status);
  }

  @Override
  public void header(String name, String value) {
    response.setHeader(name, value);
  }

  @Override
  public void contentType(String type) {
    ExactContentType.set(request, response, type);
  }

  @Override
  public void body(byte[] bytes) throws IOException {
    response.setContentLength(bytes.length);
    if (!"HEAD".equals(request.getMethod())) {
      OutputStream out = response.getOutputStream();
      (bytes.length > LARGE ? ExactContentType.peer(request).taking(out) : out).write(bytes);
    }
  }
}
