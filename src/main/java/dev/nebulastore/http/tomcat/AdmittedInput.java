package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.Peer;
import java.io.IOException;
import java.util.Objects;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderDataSource;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * The body of an admitted request. While the rest of the body is awaited, the request may be
 * evicted.
 *
 * <p>Threads: confined to the connection's.
 */
final class AdmittedInput implements InputBuffer {

  private final InputBuffer body;
  private final ClientPoller clients;
  private Peer peer = Peer.NONE;
  private @Nullable AdmissionPermit permit;
  private @Nullable SocketWrapperBase<?> connection;
  private boolean withoutVersion;

  /**
   * Creates an input that belongs to no request yet.
   *
   * @param clients reports that a client may have gone away
   */
  AdmittedInput(InputBuffer body, ClientPoller clients) {
    this.body = body;
    this.clients = clients;
  }

  /** Sets the request that bytes belong to from now on. */
  void begin(AdmissionPermit of, SocketWrapperBase<?> on, Peer from) {
    permit = of;
    connection = on;
    peer = from;
  }

  /** Forgets the request, and the bytes of its head. */
  void end() {
    UsedBuffers.wipeHead(body);
    permit = null;
    connection = null;
    peer = Peer.NONE;
  }

  /**
   * Says that the request is HTTP/0.9. Tomcat's processor keeps that, and would answer the next
   * malformed head without a status line, so it must not serve another request.
   */
  void isWithoutVersion() {
    withoutVersion = true;
  }

  boolean wasWithoutVersion() {
    return withoutVersion;
  }

  /** Whether the buffer of the head contains only a part of a request line. */
  boolean isLineTooLong(int max) {
    return body instanceof HeaderDataSource head
        && HeadBytes.isLineTooLong(head.getHeaderByteBuffer(), max);
  }

  Peer peer() {
    return peer;
  }

  ClientPresence presence() {
    return new SocketPresence(connection, clients);
  }

  @Override
  public int doRead(ApplicationBufferHandler target) throws IOException {
    AdmissionPermit current = Objects.requireNonNull(permit);
    current.isIncomplete();
    peer.isAwaited(System.nanoTime());
    int read = body.doRead(target);
    peer.isNotAwaited();
    if (!current.goesOn()) {
      // The connection may still be open, and an answer would blame the client.
      Objects.requireNonNull(connection).close();
      throw new IOException("It took too long to come, and others needed its place");
    }
    return read;
  }

  @Override
  public int available() {
    return body.available();
  }
}
