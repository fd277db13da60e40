package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.Peer;
import java.io.IOException;
import java.util.Objects;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderDataSource;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * The body of an admitted request. While the rest of the body is awaited, the request may be
 * evicted.
 *
 * <p>Threads: confined to the connection's.
 */
final class AdmittedInput implements InputBuffer {

  private final InputBuffer body;
  private Peer peer = Peer.NONE;
  private @Nullable AdmissionPermit permit;
  private @Nullable RequestSource source;
  private boolean withoutVersion;

  /** Creates an input that belongs to no request yet. */
  AdmittedInput(InputBuffer body) {
    this.body = body;
  }

  /** Sets the request that bytes belong to from now on. */
  void begin(AdmissionPermit of, RequestSource at, Peer from) {
    permit = of;
    source = at;
    peer = from;
  }

  /** Forgets the request, and the bytes of its head. */
  void end() {
    UsedBuffers.wipeHead(body);
    permit = null;
    source = null;
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
    RequestSource current = source;
    return current == null ? ClientPresence.UNKNOWN : current.presence();
  }

  @Override
  public int doRead(ApplicationBufferHandler target) throws IOException {
    AdmissionPermit current = Objects.requireNonNull(permit);
    current.isIncomplete();
    peer.isAwaited(System.nanoTime());
    boolean goesOn = false;
    try {
      int read = body.doRead(target);
      goesOn = current.goesOn();
      if (goesOn) {
        return read;
      }
    } finally {
      peer.isNotAwaited();
      if (!goesOn && !current.goesOn()) {
        // The client may still be there, and an answer would blame it.
        Objects.requireNonNull(source).breakOff();
      }
    }
    throw new IOException("It took too long to come, and others needed its place");
  }

  @Override
  public int available() {
    return body.available();
  }
}
