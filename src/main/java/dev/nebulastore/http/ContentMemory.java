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
 * Limits the heap that the values and transactions of all requests in flight take together. The
 * first {@value #FREE} bytes of each request are not counted.
 *
 * <p>Design notes (the number is that of docs/ARCHITECTURE.md):
 *
 * <ol>
 *   <li value="13">Memory is counted before it is allocated: the body of a request as it arrives,
 *                  with the copy that is made when its array grows; a value before it is read, with
 *                  the copy that reading makes.
 *   <li>An array counts as what it takes: G1 gives a large array whole regions.
 *   <li>Slow clients are evicted first: when memory runs out, the server closes the connections of
 *       the clients that have made no progress for the longest time while it waited for them, if
 *       that frees enough. Clients that made progress within the last second stay.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
public final class ContentMemory {

  /** The bytes of each share that are not counted. */
  public static final int FREE = 8_192;

  private static final int PIECE = 64 << 10;

  /** Bytes of an array's header. */
  private static final int HEADER = 16;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private final long limit;
  private final int region;
  private final LongSupplier nanoTime;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();

  /** The shares that have something counted. */
  private final Set<Share> holders = ConcurrentHashMap.newKeySet();

  /**
   * Creates a memory of which nothing is taken.
   *
   * @param region the size of a heap region; an array of at least half of it takes whole regions. 0
   *     if the heap has none
   * @param nanoTime the clock by which clients are idle
   */
  public ContentMemory(DataSize limit, int region, LongSupplier nanoTime) {
    this.limit = limit.toBytes();
    this.region = region;
    this.nanoTime = nanoTime;
  }

  /** Opens an empty share of a request that is never evicted. */
  public Share share() {
    return share(Peer.NONE);
  }

  /** Opens an empty share of a request of this client. */
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

  /** How many bytes of the heap an array of this length takes. */
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

  /** Evicts clients to free memory, or none if that would not free enough. */
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
   * The memory of one request, until it is closed.
   *
   * <p>Threads: the request's thread counts what arrives; any thread counts what is read for it.
   */
  public final class Share implements AutoCloseable {
    private Peer peer;
    private CallerUsage usage;
    private boolean closed;
    private long come;
    private long read;

    private Share(Peer peer) {
      this.peer = peer;
      this.usage = peer.usage();
    }

    /** Says whose share this is, before anything is counted. By the request's thread. */
    public void isOf(Peer client) {
      peer = client;
      usage = client.usage();
    }

    /** Takes memory, also of what the caller may take. */
    private boolean take(long more) {
      if (!usage.tryTake(more)) {
        return false;
      }
      boolean success = false;
      try {
        success = ContentMemory.this.take(more);
      } finally {
        if (!success) {
          usage.give(more);
        }
      }
      return success;
    }

    private void give(long less) {
      taken.addAndGet(-less);
      usage.give(less);
    }

    private synchronized long counted() {
      return come + read;
    }

    /**
     * Sets the size of what has arrived. Returns false, and changes nothing, if the limit is
     * reached.
     */
    public boolean has(long size) {
      return (size <= FREE && come == 0) || count(Math.max(0, cost(size) - FREE));
    }

    /** Takes memory without holding the lock, since others may have to be evicted. */
    private boolean count(long size) {
      long more = size - come();
      if (more > 0 && !take(more)) {
        return false;
      }
      synchronized (this) {
        if (closed) {
          give(Math.max(0, more));
          return false;
        }
        give(Math.max(0, -more));
        come = size;
        hold();
        return true;
      }
    }

    private synchronized long come() {
      return come;
    }

    /**
     * Sets the size of what has arrived.
     *
     * @throws Overloaded if the limit is reached
     */
    public void need(long size) {
      if (!has(size)) {
        throw Overloaded.byContent();
      }
    }

    /**
     * Counts a value of this size unless it was counted when it was read.
     *
     * @throws Overloaded if the limit is reached
     */
    public void cover(int size) {
      if (size > FREE && counted() < size) {
        need(size);
      }
    }

    /**
     * Reserves memory for arrays of the same length, until {@link #keep}. Returns false if the
     * limit is reached or the request has ended.
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
     * @param kept how many of the arrays remain counted until the share is closed
     * @return false if the share is closed, so that nothing remains
     */
    public synchronized boolean keep(int length, int reserved, int kept) {
      int staying = closed ? 0 : kept;
      give((reserved - staying) * cost(length));
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
     * Reads a stream to its end, or to one byte more than allowed. Memory is taken as bytes arrive,
     * so that a client gets at most three times what it has sent.
     *
     * @param expected the length of the stream, or less than 0 if it is not known
     * @param most the most bytes that are allowed
     * @param slice the slice of the current thread
     * @throws Overloaded if the limit is reached
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

    /** Counts both arrays while they exist. */
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
        give(had);
        holders.remove(this);
      }
      closed = true;
      come = 0;
      read = 0;
      return had;
    }

    /** Fills an array from this position on; returns how much of it is filled. */
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
