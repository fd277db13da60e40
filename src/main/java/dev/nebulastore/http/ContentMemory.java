package dev.nebulastore.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.springframework.util.unit.DataSize;

/**
 * What the values and transactions of all requests in flight may take of the heap together. A
 * little of each is not counted: times the requests that may be in flight, it is little.
 *
 * <p>Design notes (the number is that of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="13">Memory is counted before it is taken: the body of a request as it comes, with
 *                  the copy that is made when it grows; a value before it is read, with the copy
 *                  that reading makes.
 *   <li>An array is counted as what it takes: G1 gives a large one whole regions.
 *   <li>Slow clients are evicted first: when there is no room, the server closes the connections of
 *       those that have done nothing for the longest time while it waited for them, if that makes
 *       room. Who has sent or taken anything within a second stays.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class ContentMemory {

  /** So much of each share is not counted. */
  public static final int FREE = 8_192;

  private static final int PIECE = 64 << 10;

  /** Of an array. */
  private static final int HEADER = 16;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private final long limit;
  private final int region;
  private final LongSupplier nanoTime;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();

  /** Those that have something counted. */
  private final Set<Share> holders = ConcurrentHashMap.newKeySet();

  /**
   * Nobody has any of it.
   *
   * @param region an array of at least half as many bytes takes whole regions of the heap; 0 if the
   *     heap has none
   * @param nanoTime the clock by which clients are idle
   */
  public ContentMemory(DataSize limit, int region, LongSupplier nanoTime) {
    this.limit = limit.toBytes();
    this.region = region;
    this.nanoTime = nanoTime;
  }

  /** The share of one request, which has nothing yet, on behalf of nobody who could be evicted. */
  public Share share() {
    return share(Peer.NONE);
  }

  /** The share of one request of this client, which has nothing yet. */
  public Share share(Peer peer) {
    return new Share(peer);
  }

  /** How many bytes are counted. */
  public long taken() {
    return taken.get();
  }

  /** How many clients were evicted. */
  public long evicted() {
    return evicted.get();
  }

  /** What an array of so many bytes takes of the heap. */
  long cost(long length) {
    return region == 0 || length + HEADER < region / 2
        ? length
        : (length + HEADER + region - 1) / region * region;
  }

  private boolean take(long more) {
    if (tryTake(more)) {
      return true;
    }
    return more <= limit && evict(more) && tryTake(more);
  }

  private boolean tryTake(long more) {
    if (taken.addAndGet(more) <= limit) {
      return true;
    }
    taken.addAndGet(-more);
    return false;
  }

  /** Makes room by evicting clients, or evicts none if that would not do. */
  private boolean evict(long wanted) {
    long now = nanoTime.getAsLong();
    List<Share> idle =
        holders.stream()
            .filter(share -> share.peer.idleFor(now) >= PATIENCE)
            .sorted(Comparator.comparingLong((Share share) -> share.peer.idleFor(now)).reversed())
            .toList();
    long missing = taken.get() + wanted - limit;
    if (idle.stream().mapToLong(Share::counted).sum() < missing) {
      return false;
    }
    for (Share share : idle) {
      if (missing > 0) {
        missing -= share.evict();
      }
    }
    return missing <= 0;
  }

  /**
   * What one request has, until it is closed.
   *
   * <p>Threads: what comes of a request is counted by its own; what is read for it, by anyone.
   */
  public final class Share implements AutoCloseable {
    private Peer peer;
    private boolean closed;
    private long come;
    private long read;

    private Share(Peer peer) {
      this.peer = peer;
    }

    /** By the request: says whose it is, before anything is counted. */
    public void isOf(Peer client) {
      peer = client;
    }

    private synchronized long counted() {
      return come + read;
    }

    /**
     * Makes what has come so many bytes; false if others have too much, and then nothing has
     * changed.
     */
    public boolean has(long size) {
      return (size <= FREE && come == 0) || count(Math.max(0, cost(size) - FREE));
    }

    /** Takes it without holding the lock: others may have to be evicted for it. */
    private boolean count(long size) {
      long more = size - come();
      if (more > 0 && !take(more)) {
        return false;
      }
      synchronized (this) {
        if (closed) {
          taken.addAndGet(-Math.max(0, more));
          return false;
        }
        taken.addAndGet(Math.min(0, more));
        come = size;
        hold();
        return true;
      }
    }

    private synchronized long come() {
      return come;
    }

    /**
     * Makes what has come so many bytes.
     *
     * @throws Overloaded if others have too much
     */
    public void need(long size) {
      if (!has(size)) {
        throw Overloaded.byContent();
      }
    }

    /**
     * Makes sure that a value of so many bytes is counted, unless it was when it was read.
     *
     * @throws Overloaded if others have too much
     */
    public void cover(int size) {
      if (size > FREE && counted() < size) {
        need(size);
      }
    }

    /**
     * Reserves memory for arrays of the same length, until {@link #keep}; false if others have too
     * much, or the request has ended.
     */
    public boolean reserve(int length, int copies) {
      synchronized (this) {
        if (closed) {
          return false;
        }
      }
      return take(copies * cost(length));
    }

    /**
     * Ends a reservation.
     *
     * @param kept how many of the arrays stay until the share is closed
     * @return false if it is closed: nothing stays
     */
    public synchronized boolean keep(int length, int reserved, int kept) {
      int staying = closed ? 0 : kept;
      taken.addAndGet(-(reserved - staying) * cost(length));
      read += staying * cost(length);
      hold();
      return staying == kept;
    }

    private void hold() {
      if (come + read > 0 && !closed) {
        holders.add(this);
      }
    }

    /**
     * All that comes, or one byte more than allowed. It is taken as it comes, so that nobody has
     * more than three times what they sent.
     *
     * @param expected how much will come, or less than 0 if that is not known
     * @param slice of the current thread
     * @throws Overloaded if there is no room for it
     */
    public byte[] read(InputStream in, long expected, int most, TimeSlice slice)
        throws IOException {
      int end = expected < 0 || expected > most ? most + 1 : (int) expected;
      byte[] bytes = new byte[Math.min(FREE, end)];
      int length = fill(bytes, 0, in, slice);
      while (length == bytes.length && length < end) {
        bytes = copy(bytes, (int) Math.min(2L * length, end));
        length = fill(bytes, length, in, slice);
      }
      return length == bytes.length ? bytes : copy(bytes, length);
    }

    /** Counts both while there are two. */
    private byte[] copy(byte[] bytes, int size) {
      need(cost(bytes.length) + cost(size));
      byte[] copy = Arrays.copyOf(bytes, size);
      need(size);
      return copy;
    }

    private long evict() {
      long freed = end();
      if (freed > 0) {
        evicted.incrementAndGet();
        peer.giveUp();
      }
      return freed;
    }

    private synchronized long end() {
      long had = come + read;
      if (!closed && had > 0) {
        taken.addAndGet(-had);
        holders.remove(this);
      }
      closed = true;
      come = 0;
      read = 0;
      return had;
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
      var _ = end();
    }
  }
}
