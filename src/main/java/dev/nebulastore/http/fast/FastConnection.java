package dev.nebulastore.http.fast;

import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.fast.FastHandler.Exchange;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A connection on which a plain request has arrived, with the request in flight on it.
 *
 * <p>Its states:
 *
 * <pre>
 * WITH_TOMCAT ──adopt──▶ IDLE ──a head, not all of its body──▶ PARTIAL ──all of it──▶ SERVED
 *      ▲                 │ ▲ └──────────────a whole request──────────────────────────▶ │ │
 *      └──not plain──────┘ └──sent──────────────SENDING ◀──not taken at once───────────┘ │
 *                           ▲──sent──────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>With bytes to read and no permit free it is CROWDED first, for a limited time.
 *
 * <p>Threads: confined to its loop, but for {@link #run} and where it says so.
 */
public final class FastConnection extends LookQueue.Node<FastConnection> implements Runnable {

  /** The connection in the server that accepted it. */
  public interface Transport {

    /** The channel that an event loop reads from and writes to. */
    SocketChannel channel();

    /** Reads bytes that the server has read ahead, or new ones, without waiting. */
    int read(ByteBuffer target) throws IOException;

    /** Whether the connection is closed or about to be. */
    boolean isClosed();

    /** Closes the connection, from any thread, without waiting. */
    void close();

    /**
     * Has the server serve the request. The server takes the connection under its lock, and calls
     * {@link #goesToTomcat}.
     *
     * @param unread what the event loop has read of the request
     */
    void giveBack(FastConnection connection, ByteBuffer unread);
  }

  /** The event loop of the connection. */
  interface Owner {
    void adopt(FastConnection connection);

    void look(FastConnection connection);
  }

  /** Who serves the connection, and what it waits for. */
  enum State {
    WITH_TOMCAT,
    IDLE,
    /** Its bytes are not read until the loop's requests in flight give permits back. */
    CROWDED,
    PARTIAL,
    SERVED,
    SENDING
  }

  static final byte[] NOTHING = {};

  private static final int MAX_PIECES = 4;

  /** Stands for a connection that the server has. */
  private static final long NOT_IN_LOOP = ConnectionLimit.BUSY - 1;

  private final Transport transport;
  private final SocketChannel channel;
  private final Owner loop;
  private @Nullable SelectionKey key;

  State state = State.WITH_TOMCAT;

  /** The client, which is awaited while a request is partial or its answer is not read. */
  final Peer peer;

  /** The client's address; null if it is not known. */
  final @Nullable InetAddress address;

  /** When something last happened, by {@link System#nanoTime}. */
  long since;

  /** Since when it is idle in its event loop; changed by compare-and-set. */
  private final AtomicLong idleSince = new AtomicLong(NOT_IN_LOOP);

  @Nullable AdmissionPermit permit;
  @Nullable Exchange exchange;

  /** The head of an answer. */
  byte[] head = NOTHING;

  int headLength;

  /** The body of a partial request, as far as it has been allocated, or that of an answer. */
  byte[] body = NOTHING;

  /** The length of the request's body. */
  int size;

  /** How much of the body has arrived, or how much of the answer was sent. */
  int position;

  private boolean refused;

  /** Bytes that arrived behind the request. */
  byte[] behind = NOTHING;

  /** Creates a connection that the server has. */
  FastConnection(Transport transport, Owner loop) {
    this.transport = transport;
    this.channel = transport.channel();
    this.loop = loop;
    this.address = channel.socket().getInetAddress();
    this.peer = new Peer(transport::close);
  }

  Transport transport() {
    return transport;
  }

  /** Gives the connection, with bytes to read, to its event loop. Under the connection's lock. */
  public void goesToLoop() {
    idleSince.set(ConnectionLimit.BUSY);
    loop.adopt(this);
  }

  /** Gives the connection back to the server. Under the connection's lock. */
  public void goesToTomcat() {
    idleSince.set(NOT_IN_LOOP);
  }

  /** Whether the server has the connection; may change unless the connection's lock is held. */
  public boolean isWithTomcat() {
    return idleSince.get() == NOT_IN_LOOP;
  }

  /** Says that the connection waits for a request and may be evicted. */
  void becomesIdle(long now) {
    state = State.IDLE;
    since = now;
    idleSince.set(now);
  }

  /** Since when it has waited for a request, or {@link ConnectionLimit#BUSY}; any thread. */
  public long idleSince() {
    long time = idleSince.get();
    return time == NOT_IN_LOOP ? ConnectionLimit.BUSY : time;
  }

  /**
   * Claims an idle connection, to read from it or to close it. Any thread may try; one succeeds.
   *
   * @param time since when it must have been idle
   */
  public boolean claim(long time) {
    return idleSince.compareAndSet(time, ConnectionLimit.BUSY);
  }

  /** Registers the connection for reading. */
  void register(Selector selector) throws IOException {
    if (key == null) {
      key = channel.register(selector, SelectionKey.OP_READ, this);
    } else {
      interest(SelectionKey.OP_READ);
    }
  }

  /** Sets the operations that the selector waits for. */
  void interest(int operations) {
    SelectionKey registered = Objects.requireNonNull(key);
    if (registered.interestOps() != operations) {
      registered.interestOps(operations);
    }
  }

  /**
   * Reads without waiting into an array from this position on.
   *
   * @param piece the buffer to read through
   * @return the number of bytes, or less than 0 at the end of the stream
   */
  int read(ByteBuffer piece, byte[] target, int from) throws IOException {
    piece.clear().limit(Math.min(target.length - from, piece.capacity()));
    int length = channel.read(piece);
    if (length > 0) {
      piece.get(0, target, from, length);
    }
    return length;
  }

  /**
   * Prepares for the body of a request whose head has arrived.
   *
   * @param start what has arrived of the body, and perhaps of what follows
   */
  void expect(int bodySize, ByteBuffer start) {
    size = bodySize;
    body = bodySize == 0 ? NOTHING : new byte[Math.min(bodySize, ContentMemory.FREE)];
    position = Math.min(body.length, start.remaining());
    start.get(body, 0, position);
    refused = false;
  }

  /**
   * Reads what has arrived of the body, a few pieces at a time, so that other connections get their
   * turn. Memory is counted as bytes arrive, as by {@link ContentMemory.Share#read}. If the limit
   * is reached, the rest is skipped and the request refused.
   *
   * @param piece the buffer to read through
   * @return false at the end of the stream
   */
  boolean receive(ByteBuffer piece) throws IOException {
    for (int pieces = 0; pieces < MAX_PIECES && !isComplete(); pieces++) {
      grow();
      int length = refused ? passOver(piece) : read(piece, body, position);
      if (length <= 0) {
        return length == 0;
      }
      position += length;
    }
    return true;
  }

  private int passOver(ByteBuffer piece) throws IOException {
    piece.clear().limit(Math.min(size - position, piece.capacity()));
    return channel.read(piece);
  }

  private void grow() {
    if (position == body.length && !refused) {
      int more = Math.min(2 * body.length, size);
      Exchange partial = Objects.requireNonNull(exchange);
      // Both arrays count while one is copied.
      if (partial.hasRoom(body.length + more)) {
        body = Arrays.copyOf(body, more);
        var _ = partial.hasRoom(more);
      } else {
        partial.refuse();
        body = NOTHING;
        refused = true;
      }
    }
  }

  /** Whether all of the body has arrived. */
  boolean isComplete() {
    return position == size;
  }

  /** Whether there was no memory for the body. */
  boolean isRefused() {
    return refused;
  }

  /** Sets the answer to send. */
  void takes(ResponseBuffer answer) {
    head = answer.head();
    headLength = answer.headLength();
    body = answer.body();
    position = 0;
  }

  /** Sends as much of the answer as the socket takes now, and drops the rest. */
  void sendLast() throws IOException {
    ByteBuffer[] last = {ByteBuffer.wrap(head, 0, headLength), ByteBuffer.wrap(body)};
    var _ = channel.write(last);
  }

  /**
   * Sends the rest of the answer as far as the socket takes it, a few pieces at a time, so that
   * other connections get their turn.
   *
   * @param piece the buffer to write through
   * @return whether all of it was sent
   */
  boolean send(ByteBuffer piece) throws IOException {
    int end = headLength + body.length;
    for (int pieces = 0; position < end; pieces++) {
      piece.clear();
      if (position < headLength) {
        piece.put(head, position, headLength - position);
      }
      int from = Math.max(0, position - headLength);
      piece.put(body, from, Math.min(body.length - from, piece.remaining()));
      piece.flip();
      position += channel.write(piece);
      if (piece.hasRemaining() || (pieces + 1 >= MAX_PIECES && position < end)) {
        // The next answer is made in the same array.
        head = Arrays.copyOf(head, headLength);
        return false;
      }
    }
    return true;
  }

  /** Has the event loop look at the connection: it has an answer, or was closed. Any thread. */
  @Override
  public void run() {
    loop.look(this);
  }
}
