package dev.nebulastore.http;

import dev.nebulastore.http.Admission.AdmissionPermit;
import dev.nebulastore.http.FastHandler.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A connection that has had a plain request, with the request that it has in flight.
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
 * <p>Threads: confined to its loop, but for {@link #run} and where it says so.
 */
final class FastConnection implements Runnable {

  /** Who has it, and what it waits for. */
  enum State {
    WITH_TOMCAT,
    IDLE,
    PARTIAL,
    SERVED,
    SENDING
  }

  static final byte[] NOTHING = {};

  private static final int MAX_PIECES = 4;

  /** In place of the time since when it is idle. */
  private static final long NOT_IN_LOOP = ConnectionLimit.BUSY - 1;

  private final SocketWrapperBase<NioChannel> wrapper;
  private final SocketChannel channel;
  private final EventLoop loop;
  private @Nullable SelectionKey key;

  /** Its place in the queue of those to be looked at. */
  final AtomicBoolean isQueued = new AtomicBoolean();

  @Nullable FastConnection below;

  State state = State.WITH_TOMCAT;

  /** Who is waited for while a request is partial, or its answer is not taken. */
  final Peer peer;

  /** When something last happened, by {@link System#nanoTime}. */
  long since;

  /** Since when it is idle in its loop; by compare-and-set, whoever begins or ends something. */
  private final AtomicLong idleSince = new AtomicLong(NOT_IN_LOOP);

  @Nullable AdmissionPermit permit;
  @Nullable Exchange exchange;

  /** The head of an answer. */
  byte[] head = NOTHING;

  int headLength;

  /** As much as there is room for of a request that is partial, or that of an answer. */
  byte[] body = NOTHING;

  /** How long the body of a request will be. */
  int size;

  /** How much of the body has come, or how much of the answer was sent. */
  int position;

  private boolean refused;

  /** What came behind the request. */
  byte[] behind = NOTHING;

  /** With Tomcat. */
  FastConnection(SocketWrapperBase<NioChannel> wrapper, EventLoop loop) {
    this.wrapper = wrapper;
    this.channel = wrapper.getSocket().getIOChannel();
    this.loop = loop;
    this.peer = new Peer(wrapper::close);
  }

  SocketWrapperBase<NioChannel> wrapper() {
    return wrapper;
  }

  EventLoop loop() {
    return loop;
  }

  /** Whether it was closed, or is about to be: Tomcat tells of it before the channel is. */
  boolean isClosed() {
    return wrapper.isClosed();
  }

  /** Under the connection's lock: it is its loop's, and something is to be read. */
  void goesToLoop() {
    idleSince.set(ConnectionLimit.BUSY);
  }

  /** Under the connection's lock: its loop has given it back. */
  void goesToTomcat() {
    idleSince.set(NOT_IN_LOOP);
  }

  /** Whether it is Tomcat's; by anyone, but it may change unless the connection's lock is held. */
  boolean isWithTomcat() {
    return idleSince.get() == NOT_IN_LOOP;
  }

  /** It waits for a request from now on, and may be evicted. The last that its loop does. */
  void becomesIdle(long now) {
    state = State.IDLE;
    since = now;
    idleSince.set(now);
  }

  /** Since when it has waited for a request, or {@link ConnectionLimit#BUSY}; by anyone. */
  long idleSince() {
    long time = idleSince.get();
    return time == NOT_IN_LOOP ? ConnectionLimit.BUSY : time;
  }

  /**
   * Takes an idle connection, to read from it or to close it; by anyone, but only one succeeds.
   *
   * @param time since when it must have been idle
   */
  boolean claim(long time) {
    return idleSince.compareAndSet(time, ConnectionLimit.BUSY);
  }

  /** Has the selector tell when something comes. */
  void register(Selector selector) throws IOException {
    if (key == null) {
      key = channel.register(selector, SelectionKey.OP_READ, this);
    } else {
      interest(SelectionKey.OP_READ);
    }
  }

  /** Says what the selector is to tell. */
  void interest(int operations) {
    SelectionKey registered = Objects.requireNonNull(key);
    if (registered.interestOps() != operations) {
      registered.interestOps(operations);
    }
  }

  /**
   * Reads what is there, as far as there is room from this position on.
   *
   * @param piece to read through
   * @return how many bytes came; less than 0 if none will
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
   * A request has come, but for its body.
   *
   * @param start what is there of the body, and perhaps of what follows
   */
  void expect(int bodySize, ByteBuffer start) {
    size = bodySize;
    body = bodySize == 0 ? NOTHING : new byte[Math.min(bodySize, ContentMemory.FREE)];
    position = Math.min(body.length, start.remaining());
    start.get(body, 0, position);
    refused = false;
  }

  /**
   * Reads what is there of the body, but not more than some pieces at a time: others wait for their
   * turn. It takes room as it comes, as {@link ContentMemory.Share#read}; what there is no room for
   * is passed over, and the request refused.
   *
   * @param piece to read through
   * @return false if no more will come
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
      // While it is copied, there are two.
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

  /** Whether all of the body has come. */
  boolean isComplete() {
    return position == size;
  }

  /** Whether there was no room for all of the body. */
  boolean isRefused() {
    return refused;
  }

  /** Sends as much of this as is taken. */
  void sendLast(byte[] last) throws IOException {
    var _ = channel.write(ByteBuffer.wrap(last));
  }

  /**
   * Sends what is left of the answer, as far as it is taken, but not more than some pieces at a
   * time: others wait for their turn.
   *
   * @param piece to write through
   * @return whether nothing is left
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
        // The head is where the next answer is made.
        head = Arrays.copyOf(head, headLength);
        return false;
      }
    }
    return true;
  }

  /** Has its loop look at it: there is an answer, or it was closed. By anyone. */
  @Override
  public void run() {
    loop.look(this);
  }
}
