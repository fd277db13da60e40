package bench.app;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The minimum that a key-value store over HTTP can do: PUT stores the body in a map, GET returns
 * it.
 *
 * <p>Threads: thread-safe.
 */
final class BareServlet extends HttpServlet {

  private final transient Map<String, byte[]> values = new ConcurrentHashMap<>();

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] value = values.get(request.getRequestURI());
    if (value == null) {
      response.setStatus(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    response.setContentType("application/octet-stream");
    response.setContentLength(value.length);
    response.getOutputStream().write(value);
  }

  @Override
  protected void doPut(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] value = request.getInputStream().readNBytes(request.getContentLength());
    values.put(request.getRequestURI(), value);
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }
}
