package dev.nebulastore.http;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a request in the servlet container, for what the servlet API does not offer.
 *
 * <p>Threads: confined to the request's.
 */
public interface ClientConnection {

  /** The attribute of a request that holds its connection. */
  String ATTRIBUTE = ClientConnection.class.getName();

  /** Tracks how long the server waits for the client. */
  Peer peer();

  /** Whether the client is still there; not to be kept longer than the request. */
  ClientPresence presence();

  /** Sets the Content-Type exactly as given; the servlet API rewrites one with parameters. */
  void exactContentType(String type);

  /** How many bytes of the body can be read without waiting, by a look at the socket. */
  int available();

  /**
   * Closes the connection at once, so that the client can't mistake a partial answer for a complete
   * one.
   *
   * @param cause the failure, or null if there is none to report
   */
  void abort(@Nullable Exception cause);

  /** The connection of a request. */
  static ClientConnection of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof ClientConnection connection) {
      return connection;
    }
    throw new IllegalStateException("The request did not come through the server's pipeline");
  }
}
