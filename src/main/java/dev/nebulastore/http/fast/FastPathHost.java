package dev.nebulastore.http.fast;

/** The server that accepts connections and serves what the event loops don't. */
public interface FastPathHost {

  /** Whether requests may take the fast path now. */
  boolean isOpen();

  /** How long a connection may be idle, in ms; unlimited if it is not positive. */
  int keepAliveTimeout();

  /** How long a client may pause within a request or while it reads an answer, in ms. */
  int connectionTimeout();

  /** Whether this is a valid value of a Host header. */
  boolean isHost(byte[] value);

  /** The value of the Date header for an answer made now. */
  String date();
}
