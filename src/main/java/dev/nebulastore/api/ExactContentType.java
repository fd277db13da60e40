package dev.nebulastore.api;

import dev.nebulastore.http.Peer;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Sends a {@code Content-Type} letter by letter. Tomcat takes one with a charset apart and writes
 * it anew, without the space that the client may have sent; its own headers, behind the servlet
 * API, are left as they are. As a valve it keeps Tomcat's response at hand for that.
 *
 * <p>Threads: immutable.
 */
final class ExactContentType extends ValveBase {

  private static final String RESPONSE = ExactContentType.class.getName();

  ExactContentType() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    request.setAttribute(RESPONSE, response);
    getNext().invoke(request, response);
  }

  static void set(HttpServletRequest request, HttpServletResponse response, String contentType) {
    if (contentType.indexOf(';') < 0) {
      response.setContentType(contentType);
    } else {
      tomcat(request)
          .getCoyoteResponse()
          .getMimeHeaders()
          .setValue("Content-Type")
          .setString(contentType);
    }
  }

  /** The client that a request came from. */
  static Peer peer(HttpServletRequest request) {
    return Peer.of(tomcat(request).getCoyoteResponse().getRequest());
  }

  /** Tomcat's own response to a request. */
  static Response tomcat(HttpServletRequest request) {
    if (request.getAttribute(RESPONSE) instanceof Response tomcat) {
      return tomcat;
    }
    throw new IllegalStateException("The valve is not in Tomcat's pipeline");
  }
}
