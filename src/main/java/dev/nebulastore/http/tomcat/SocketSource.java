package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ClientPresence;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * A connection of HTTP/1.1, which has one request at a time.
 *
 * @param clients reports that a client may have gone away
 */
record SocketSource(SocketWrapperBase<?> connection, ClientPoller clients)
    implements RequestSource {

  @Override
  public void breakOff() {
    connection.close();
  }

  @Override
  public ClientPresence presence() {
    return new SocketPresence(connection, clients);
  }
}
