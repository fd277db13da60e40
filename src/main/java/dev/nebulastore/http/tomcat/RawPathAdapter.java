package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ComputeThreads;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;

/**
 * Tomcat's adapter, which passes raw paths to the servlet unchanged. To find the servlet, Tomcat
 * removes parameters from a path, decodes it, and resolves its dot segments; the key {@code ..;/a}
 * would lead to another servlet, or to none. Therefore Tomcat sees only the raw prefix of such a
 * path while it looks for the servlet. Of other paths that are not in their canonical form it sees
 * the root: it would answer some itself.
 *
 * <p>Threads: immutable.
 */
final class RawPathAdapter extends CoyoteAdapter {

  private static final byte[] ROOT = {'/'};

  private final String prefix;
  private final ComputeThreads compute;

  private RawPathAdapter(Connector connector, String prefix, ComputeThreads compute) {
    super(connector);
    this.prefix = prefix;
    this.compute = compute;
  }

  /** Replaces the adapter that the connector creates when it is initialised. */
  static void install(Connector connector, String prefix, ComputeThreads compute) {
    connector.addLifecycleListener((LifecycleEvent event) -> {
      if (event.getType().equals(Lifecycle.AFTER_INIT_EVENT)) {
        connector.getProtocolHandler().setAdapter(new RawPathAdapter(connector, prefix, compute));
      }
    });
  }

  @Override
  protected boolean postParseRequest(
      org.apache.coyote.Request parsed,
      Request request,
      org.apache.coyote.Response unsent,
      Response response)
      throws IOException, ServletException {
    MessageBytes uri = parsed.requestURI();
    ByteChunk path = uri.getByteChunk();
    byte[] buffer = path.getBuffer();
    int start = path.getStart();
    int length = path.getLength();
    if (uri.getType() == MessageBytes.T_BYTES && path.startsWith(prefix, 0)) {
      uri.setBytes(buffer, start, prefix.length());
    } else {
      // A scrape or a page may take milliseconds without waiting; a key takes microseconds.
      compute.giveWay();
      if (uri.getType() != MessageBytes.T_BYTES || showsItself(parsed, path)) {
        boolean found = super.postParseRequest(parsed, request, unsent, response);
        if (!found && uri.equals("*") && unsent.containsHeader("Allow")) {
          // Tomcat's own list of methods has no PATCH.
          unsent.setHeader("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }
        return found;
      }
      uri.setBytes(ROOT, 0, ROOT.length);
    }
    try {
      return super.postParseRequest(parsed, request, unsent, response);
    } finally {
      uri.setBytes(buffer, start, length);
    }
  }

  /** Whether Tomcat may see a path that is not a key's. */
  private static boolean showsItself(org.apache.coyote.Request parsed, ByteChunk path) {
    if (RequestedHost.fault(parsed) != null) {
      return false;
    }
    byte[] bytes = path.getBuffer();
    if (path.getLength() == 0 || bytes[path.getStart()] != '/') {
      return true;
    }
    int segment = path.getStart();
    for (int i = segment + 1; i <= path.getEnd(); i++) {
      if (i == path.getEnd() || bytes[i] == '/') {
        if (isDots(bytes, segment + 1, i) || (i < path.getEnd() && i == segment + 1)) {
          return false;
        }
        segment = i;
      } else if (bytes[i] == '%' || bytes[i] == ';' || bytes[i] == '\\') {
        return false;
      }
    }
    return true;
  }

  private static boolean isDots(byte[] bytes, int from, int to) {
    return (to - from == 1 || to - from == 2) && bytes[from] == '.' && bytes[to - 1] == '.';
  }
}
