package dev.nebulastore.http;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.coyote.Request;

/**
 * The client of a connection, as far as the server waits for it: to send the rest of a request, or
 * to take more of an answer.
 *
 * <p>Threads: safe for all; told by the connection's, asked by anyone.
 */
public final class Peer {

  /** Nobody: never waited for. */
  static final Peer NONE = new Peer(() -> {});

  private static final long NOT_AWAITED = 0;

  /** Whoever takes so much has taken some. */
  private static final int PIECE = 64 << 10;

  private final Runnable giveUp;
  private volatile long since = NOT_AWAITED;

  /**
   * Not waited for.
   *
   * @param giveUp ends its request from any thread, without waiting
   */
  Peer(Runnable giveUp) {
    this.giveUp = giveUp;
  }

  /** The client of a request that goes through Tomcat. */
  public static Peer of(Request request) {
    return request.getInputBuffer() instanceof AdmittedProcessor.Body body ? body.peer() : NONE;
  }

  /** Where an answer goes out to it, in pieces: it is seen when the client takes one. */
  public OutputStream taking(OutputStream out) {
    return new Taken(out);
  }

  private final class Taken extends OutputStream {
    private final OutputStream out;

    Taken(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      int end = from + length;
      for (int at = from; at < end; at += PIECE) {
        isAwaited(System.nanoTime());
        out.write(bytes, at, Math.min(PIECE, end - at));
      }
      isNotAwaited();
    }

    @Override
    public void flush() throws IOException {
      isAwaited(System.nanoTime());
      out.flush();
      isNotAwaited();
    }
  }

  /** The server waits for it, and it did something at this time. */
  void isAwaited(long nanoTime) {
    since = nanoTime == NOT_AWAITED ? NOT_AWAITED + 1 : nanoTime;
  }

  /** The server goes on. */
  void isNotAwaited() {
    if (since != NOT_AWAITED) {
      since = NOT_AWAITED;
    }
  }

  /** For how many nanoseconds it has done nothing, while the server waited for it; 0 if not. */
  long idleFor(long nanoTime) {
    long begin = since;
    return begin == NOT_AWAITED ? 0 : Math.max(0, nanoTime - begin);
  }

  void giveUp() {
    giveUp.run();
  }
}
