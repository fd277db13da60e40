package dev.nebulastore.api;

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
 * Tomcat's way to the servlet, which keeps keys out of Tomcat's hands. To find the servlet, Tomcat
 * cuts parameters off a path, decodes it, and resolves its dot segments; the key {@code ..;/a}
 * would end at another servlet, or at none. So while it looks, the path of a key is {@value
 * KeyCodec#PREFIX}; the servlet sees it as it was sent.
 *
 * <p>Threads: immutable.
 */
final class KeyPathAdapter extends CoyoteAdapter {

  private final ComputeThreads compute;

  private KeyPathAdapter(Connector connector, ComputeThreads compute) {
    super(connector);
    this.compute = compute;
  }

  /** Takes the place of the adapter that the connector gives itself when it is initialised. */
  static void install(Connector connector, ComputeThreads compute) {
    connector.addLifecycleListener((LifecycleEvent event) -> {
      if (event.getType().equals(Lifecycle.AFTER_INIT_EVENT)) {
        connector.getProtocolHandler().setAdapter(new KeyPathAdapter(connector, compute));
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
    if (uri.getType() != MessageBytes.T_BYTES || !path.startsWith(KeyCodec.PREFIX, 0)) {
      // A scrape or a page may take some milliseconds without a wait; a key takes microseconds.
      compute.giveWay();
      return super.postParseRequest(parsed, request, unsent, response);
    }
    byte[] buffer = path.getBuffer();
    int start = path.getStart();
    int length = path.getLength();
    uri.setBytes(buffer, start, KeyCodec.PREFIX.length());
    try {
      return super.postParseRequest(parsed, request, unsent, response);
    } finally {
      uri.setBytes(buffer, start, length);
    }
  }
}
