package bench.app;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The minimum that responds to PUT and GET exactly as {@code /kv} does, header by header: a map
 * without conditions, expiry, limits, shards or supervision. So the difference is the cost of
 * these.
 *
 * <p>Threads: thread-safe.
 */
final class SameAnswersServlet extends HttpServlet {

  @SuppressWarnings("ArrayRecordComponent")
  private record Stored(byte[] bytes, String contentType, String etag, long modified) {}

  private final transient Map<String, Stored> values = new ConcurrentHashMap<>();
  private final transient InstantSource time = InstantSource.system();
  private final AtomicLong versions = new AtomicLong(time.millis() << 20);

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Stored stored = values.get(request.getRequestURI());
    if (stored == null) {
      response.setStatus(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    response.setHeader("ETag", stored.etag());
    response.setDateHeader("Last-Modified", stored.modified());
    response.setHeader("Cache-Control", "no-cache");
    response.setContentType(stored.contentType());
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Security-Policy", "sandbox; default-src 'none'");
    response.setContentLength(stored.bytes().length);
    response.getOutputStream().write(stored.bytes());
  }

  @Override
  protected void doPut(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] bytes = request.getInputStream().readNBytes(request.getContentLength());
    String etag = '"' + Long.toString(versions.incrementAndGet(), 36) + '"';
    long second = time.millis() / 1_000 * 1_000;
    Stored stored = new Stored(bytes, request.getContentType(), etag, second);
    boolean created = values.put(request.getRequestURI(), stored) == null;
    response.setStatus(
        created ? HttpServletResponse.SC_CREATED : HttpServletResponse.SC_NO_CONTENT);
    response.setHeader("ETag", etag);
  }
}
