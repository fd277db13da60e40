package dev.nebulastore.http.tomcat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Overwrites what Tomcat's buffers still contain of requests that were served. Tomcat only sets
 * their positions back, so that the heap of an idle connection, and of a processor in reserve,
 * would contain a token.
 *
 * <p>Threads: a buffer is confined to its connection's.
 */
final class UsedBuffers {

  private UsedBuffers() {}

  /** Overwrites the buffer of heads, which has no request any more. */
  static void wipeHead(InputBuffer input) {
    if (input instanceof ApplicationBufferHandler handler) {
      wipe(handler.getByteBuffer());
    }
  }

  /** Overwrites the buffer that a connection reads through, unless it has bytes to be read. */
  static void wipeRead(SocketWrapperBase<?> connection) {
    if (connection.getSocket() instanceof NioChannel channel) {
      SocketBufferHandler buffers = channel.getBufHandler();
      if (buffers.isReadBufferEmpty()) {
        wipe(buffers.getReadBuffer());
      }
    }
  }

  /** A processor that never served has no buffer yet. */
  private static void wipe(@Nullable ByteBuffer buffer) {
    if (buffer != null && buffer.hasArray()) {
      int from = buffer.arrayOffset();
      Arrays.fill(buffer.array(), from, from + buffer.capacity(), (byte) 0);
    }
  }
}
