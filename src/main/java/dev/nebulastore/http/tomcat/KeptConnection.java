package dev.nebulastore.http.tomcat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/**
 * Keeps a connection open behind a 400, if the whole request was read: then it is known where the
 * next one begins.
 *
 * <p>Tomcat closes the connection behind each 400, and has no setting for it. It looks at the
 * status when it begins to write the head of the response, and once more when the request was
 * served. So the status is another one until it has looked, and the second look has no effect.
 *
 * <p>Threads: immutable; a request is confined to its connection's.
 */
final class KeptConnection {

  /** The note of Tomcat's request that its connection is kept. */
  private static final int NOTE = 18;

  /** With HTTP/2 a 400 ends only its stream, and the stand-in would be sent. */
  private static final String HTTP_1_1 = "HTTP/1.1";

  private static final int BAD_REQUEST = 400;

  /** Is never sent. */
  private static final int STAND_IN = 499;

  /** If more of a body is missing than this, the connection is closed. */
  private static final int LARGEST_REST = 16 << 10;

  private KeptConnection() {}

  /** Called when the head of a request was parsed. */
  static void begin(Request request) {
    request.setNote(NOTE, null);
  }

  /** Called before a response with this status is written. */
  static void keep(Request request, Response response) {
    if (response.getStatus() == BAD_REQUEST
        && request.protocol().equals(HTTP_1_1)
        && !response.isCommitted()
        && !isBroken(response)
        && isReadWhole(request)) {
      response.setStatus(STAND_IN);
    }
  }

  /** Called when Tomcat has seen the status, before it is sent. */
  static void restoreStatus(Request request, Response response) {
    if (response.getStatus() == STAND_IN) {
      response.setStatus(BAD_REQUEST);
      request.setNote(NOTE, true);
    }
  }

  static boolean isKept(Request request) {
    return request.getNote(NOTE) != null;
  }

  /** Whether the head or the body was no valid HTTP. */
  private static boolean isBroken(Response response) {
    AtomicBoolean broken = new AtomicBoolean();
    response.action(ActionCode.IS_ERROR, broken);
    return broken.get() || response.getRequest().getErrorException() != null;
  }

  /** Reads the rest of a small body. While it is awaited, the request may be evicted, as others. */
  private static boolean isReadWhole(Request request) {
    long rest = request.getContentLengthLong() - request.getBytesRead();
    if (rest > LARGEST_REST || request.hasExpectation()) {
      return false;
    }
    Dropped dropped = new Dropped();
    try {
      long read = 0;
      for (int n = 0; n >= 0 && read <= LARGEST_REST; n = request.doRead(dropped)) {
        read += n;
      }
      return read <= LARGEST_REST;
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes bytes that nobody wants. */
  private static final class Dropped implements ApplicationBufferHandler {
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return buffer;
    }

    @Override
    public void expand(int size) {
      // The filters of Tomcat bring their own buffers.
    }
  }
}
