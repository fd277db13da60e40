package dev.nebulastore.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The answer to a request of the servlet container.
 *
 * <p>Threads: confined to the request's.
 */
public record ServletReply(HttpServletRequest request, HttpServletResponse response)
    implements Reply {

  /** The attribute of a request with what is to run before it is answered with 400. */
  public static final String BEFORE_BAD_REQUEST =
      ServletReply.class.getName() + ".BEFORE_BAD_REQUEST";

  /** A client that reads a larger answer slowly may be evicted. */
  private static final int LARGE = 8 << 10;

  @Override
  public String prefix() {
    return RawPath.prefix(request);
  }

  @Override
  public void status(int status) {
    response.setStatus(status);
    if (status == HttpServletResponse.SC_BAD_REQUEST
        && request.getAttribute(BEFORE_BAD_REQUEST) instanceof Runnable before) {
      before.run();
    }
  }

  @Override
  public void header(String name, String value) {
    response.setHeader(name, value);
  }

  @Override
  public void contentType(String type) {
    if (type.indexOf(';') < 0) {
      response.setContentType(type);
    } else {
      ClientConnection.of(request).exactContentType(type);
    }
  }

  @Override
  public void body(byte[] bytes) throws IOException {
    body(bytes, 0, bytes.length);
  }

  /** Sets a part of an array as the body. */
  public void body(byte[] bytes, int from, int length) throws IOException {
    response.setContentLength(length);
    if (!"HEAD".equals(request.getMethod())) {
      OutputStream out = response.getOutputStream();
      (length > LARGE ? ClientConnection.of(request).peer().taking(out) : out)
          .write(bytes, from, length);
    }
  }
}
