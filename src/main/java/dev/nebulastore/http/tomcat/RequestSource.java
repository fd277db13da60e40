package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.ClientPresence;

/**
 * Where a request comes from: a connection of HTTP/1.1, or a stream of HTTP/2.
 *
 * <p>Threads: confined to the request's.
 */
interface RequestSource {

  /** Ends the request without an answer. */
  void breakOff();

  /** Tells whether the client is still there. */
  ClientPresence presence();
}
