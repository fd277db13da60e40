package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.Peer;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a request in Tomcat. A {@code Content-Type} with a charset is set in Tomcat's
 * own headers, since the servlet API would rewrite it without the space that a client may have
 * sent.
 *
 * <p>Threads: confined to the request's.
 */
record TomcatConnection(Response response) implements ClientConnection {

  private Request request() {
    return response.getCoyoteResponse().getRequest();
  }

  @Override
  public Peer peer() {
    return request().getInputBuffer() instanceof AdmittedInput input ? input.peer() : Peer.NONE;
  }

  @Override
  public ClientPresence presence() {
    return request().getInputBuffer() instanceof AdmittedInput input
        ? input.presence()
        : ClientPresence.UNKNOWN;
  }

  @Override
  public void exactContentType(String type) {
    response.getCoyoteResponse().getMimeHeaders().setValue("Content-Type").setString(type);
  }

  /** Has Tomcat look at the socket; the servlet's stream knows only what Tomcat has read. */
  @Override
  public int available() {
    Request request = request();
    request.action(ActionCode.AVAILABLE, true);
    return request.getAvailable();
  }

  @Override
  public void abort(@Nullable Exception cause) {
    response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, cause);
  }
}
