package dev.nebulastore.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * How long the server has waited for a client: to send the rest of a request, or to read more of an
 * answer.
 *
 * <p>Threads: safe for all. The connection's thread writes, any thread reads.
 */
public final class Peer {

  /** A client that the server never waits for. */
  public static final Peer NONE = new Peer(() -> {});

  private static final long NOT_AWAITED = 0;

  /** Bytes of an answer between two marks of progress. */
  private static final int PIECE = 64 << 10;

  private final Runnable giveUp;
  private volatile CallerUsage usage = CallerUsage.UNLIMITED;
  private volatile long since = NOT_AWAITED;

  /**
   * Creates a client that is not awaited.
   *
   * @param giveUp ends its request from any thread, without waiting
   */
  public Peer(Runnable giveUp) {
    this.giveUp = giveUp;
  }

  /** Says for whom what the request takes is counted, before it takes anything. */
  public void isOf(CallerUsage caller) {
    if (this != NONE) {
      usage = caller;
    }
  }

  /** For whom what the request takes is counted. */
  public CallerUsage usage() {
    return usage;
  }

  /** Wraps the output of an answer, so that each piece the client reads counts as progress. */
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

  /** Says that the server waits for the client, which made progress at this time. */
  public void isAwaited(long nanoTime) {
    since = nanoTime == NOT_AWAITED ? NOT_AWAITED + 1 : nanoTime;
  }

  /** Says that the server does not wait for the client any more. */
  public void isNotAwaited() {
    if (since != NOT_AWAITED) {
      since = NOT_AWAITED;
    }
  }

  /** For how many nanoseconds an awaited client has made no progress; 0 if it is not awaited. */
  long idleFor(long nanoTime) {
    long begin = since;
    return begin == NOT_AWAITED ? 0 : Math.max(0, nanoTime - begin);
  }

  void giveUp() {
    giveUp.run();
  }
}
