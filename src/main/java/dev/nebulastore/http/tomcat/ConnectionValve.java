package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ClientConnection;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Attaches the {@link ClientConnection} to each request.
 *
 * <p>Threads: immutable.
 */
final class ConnectionValve extends ValveBase {

  ConnectionValve() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    request.setAttribute(ClientConnection.ATTRIBUTE, new TomcatConnection(response));
    getNext().invoke(request, response);
  }
}
