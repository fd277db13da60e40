package dev.nebulastore.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.unit.DataSize;

/**
 * What the values and transactions of all requests in hand may take of the heap together. A little
 * of each is not counted: times the requests that may be in hand, it is little.
 *
 * <p>Threads: safe for all; a {@link Share} is confined to its request's.
 */
public final class ContentMemory {

  /** So much of each share is not counted. */
  public static final int FREE = 8_192;

  private static final int PIECE = 64 << 10;

  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /** Nobody has any of it. */
  public ContentMemory(DataSize limit) {
    this.limit = limit.toBytes();
  }

  /** The share of one request, which has nothing yet. */
  public Share share() {
    return new Share();
  }

  /** How many bytes are counted. */
  public long taken() {
    return taken.get();
  }

  /** What one request has, until it is closed. */
  public final class Share implements AutoCloseable {
    private long counted;

    private Share() {}

    /** Makes it so many bytes; false if others have too much, and then nothing has changed. */
    public boolean has(long size) {
      long more = Math.max(0, size - FREE) - counted;
      if (more != 0 && taken.addAndGet(more) > limit && more > 0) {
        taken.addAndGet(-more);
        return false;
      }
      counted += more;
      return true;
    }

    /**
     * Makes it so many bytes.
     *
     * @throws Overloaded if others have too much
     */
    public void need(long size) {
      if (!has(size)) {
        throw Overloaded.byContent();
      }
    }

    /**
     * All that comes, or one byte more than allowed. It is taken as it comes, so that nobody has
     * more than twice what they sent.
     *
     * @param slice of the current thread
     * @throws Overloaded if there is no room for it
     */
    public byte[] read(InputStream in, int most, TimeSlice slice) throws IOException {
      byte[] bytes = new byte[Math.min(FREE, most + 1)];
      int length = fill(bytes, 0, in, slice);
      while (length == bytes.length && length <= most) {
        int size = (int) Math.min(2L * length, most + 1L);
        need(size);
        bytes = Arrays.copyOf(bytes, size);
        length = fill(bytes, length, in, slice);
      }
      return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** Reads from this position on; answers with how much there is then. */
    private static int fill(byte[] bytes, int from, InputStream in, TimeSlice slice)
        throws IOException {
      int length = from;
      int read = 0;
      while (read >= 0 && length < bytes.length) {
        slice.check();
        read = in.read(bytes, length, Math.min(PIECE, bytes.length - length));
        length += Math.max(0, read);
      }
      return length;
    }

    @Override
    public void close() {
      taken.addAndGet(-counted);
      counted = 0;
    }
  }
}
