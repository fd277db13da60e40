package dev.nebulastore.http;

import dev.nebulastore.http.Admission.AdmissionPermit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeToken;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's processor of a request, for those that are let in.
 *
 * <p>Tomcat gives a connection a processor when a request begins to come, keeps it there until the
 * answer is sent, and then takes it back by {@link #recycle}: so long the request is in flight.
 *
 * <p>Threads: confined to the connection's, as Tomcat's own.
 */
final class AdmittedProcessor implements Processor {

  /** A small request is there as a whole when it is refused; it is read, so that the answer is. */
  private static final int READ_BEFORE_REFUSAL = 16 << 10;

  private final Supplier<Processor> processors;
  private Processor processor;
  private final TimeSlice slice;
  private final Executor closer;
  private final Admission admission;
  private final BoundedEndpoint endpoint;
  private final byte[] tooManyRequests;
  private final byte[] tooManyConnections;
  private final ClientPoller clients;
  private final ReservedHead reserved;
  private @Nullable AdmissionPermit permit;
  private boolean spoils;

  private final Peer peer = new Peer(this::evict);

  // Written by the connection's thread, read by who gives it up.
  private volatile @Nullable Thread serving;
  private volatile @Nullable SocketWrapperBase<?> served;

  /**
   * Of one that has no request yet.
   *
   * @param processors make one of Tomcat's
   * @param endpoint knows which connections are beyond the limit
   * @param tooManyRequests the answer to a request beyond the limit of requests, as it is sent
   * @param tooManyConnections the same beyond the limit of connections
   * @param clients tells whether one may have gone away
   * @param reserved which requests have places of their own
   * @param slice bounds how long pipelined requests run
   * @param closer closes connections for virtual threads
   */
  AdmittedProcessor(
      Supplier<Processor> processors,
      Admission admission,
      BoundedEndpoint endpoint,
      byte[] tooManyRequests,
      byte[] tooManyConnections,
      ClientPoller clients,
      ReservedHead reserved,
      TimeSlice slice,
      Executor closer) {
    this.processors = processors;
    this.processor = anew();
    this.admission = admission;
    this.endpoint = endpoint;
    this.tooManyRequests = tooManyRequests;
    this.tooManyConnections = tooManyConnections;
    this.clients = clients;
    this.reserved = reserved;
    this.slice = slice;
    this.closer = closer;
  }

  private Processor anew() {
    Processor made = processors.get();
    Request request = made.getRequest();
    request.setInputBuffer(new Body(request.getInputBuffer()));
    return made;
  }

  /** What comes of a request behind its head. */
  final class Body implements InputBuffer {
    private final InputBuffer body;

    private Body(InputBuffer body) {
      this.body = body;
    }

    /**
     * The request is of HTTP/0.9. Tomcat's processor does not forget that, and would answer the
     * next malformed head without a status line: it serves no other request.
     */
    void isWithoutVersion() {
      spoils = true;
    }

    /** Whether the client of the request that is served now is there. */
    ClientPresence client() {
      return new ClientPresence(served, clients);
    }

    @Override
    public int doRead(ApplicationBufferHandler target) throws IOException {
      AdmissionPermit current = Objects.requireNonNull(permit);
      current.isIncomplete();
      peer.isAwaited(System.nanoTime());
      int read = body.doRead(target);
      peer.isNotAwaited();
      if (!current.goesOn()) {
        // Perhaps it is not closed yet, and an answer would blame the client.
        Objects.requireNonNull(served).close();
        throw new IOException("It took too long to come, and others needed its place");
      }
      return read;
    }

    Peer peer() {
      return peer;
    }

    @Override
    public int available() {
      return body.available();
    }
  }

  @Override
  public SocketState process(SocketWrapperBase<?> connection, SocketEvent event)
      throws IOException {
    AdmissionPermit current = permit;
    if (current == null) {
      boolean room = endpoint.hasRoom(connection);
      current = room ? admission.enter(() -> giveUp(connection)) : null;
      if (current == null) {
        current = enterReserved(connection);
      }
      permit = current;
      if (current == null) {
        refuse(connection, room ? tooManyRequests : tooManyConnections);
        return SocketState.CLOSED;
      }
    } else if (!current.goesOn() || !headHasTime()) {
      return SocketState.CLOSED;
    }
    slice.renew();
    SlicedAdapter.use(slice, processor.getRequest());
    serving = Thread.currentThread();
    served = connection;
    SocketState state;
    try {
      state = processor.process(connection, event);
    } finally {
      serving = null;
      peer.isNotAwaited();
    }
    if (state == SocketState.LONG && !processor.isAsync()) {
      current.isIncomplete();
    }
    return state;
  }

  /** Several requests may have been served since this one came in, if the next is always there. */
  private boolean headHasTime() {
    long began = processor.getRequest().getStartTimeNanos();
    return processor.isAsync() || began < 0 || admission.hasTime(began);
  }

  /**
   * By anyone. Where a thread waits for more of the body, it is woken and finds the connection
   * closed. Where nobody does, since Tomcat waits for more of the head without a thread, the
   * connection has its turn once more, and is closed by it.
   *
   * <p>Whoever closes a connection needs a lock of its selector, and a virtual thread that has to
   * wait for a lock gets it only in its turn among all virtual threads: thousands that close at
   * once would wait for each other for seconds. So a platform thread closes for them.
   */
  private void giveUp(SocketWrapperBase<?> connection) {
    Thread waiting = serving;
    if (waiting == null) {
      connection.processSocket(SocketEvent.ERROR, true);
    } else if (Thread.currentThread().isVirtual()) {
      closer.execute(() -> close(connection, waiting));
    } else {
      close(connection, waiting);
    }
  }

  private static void close(SocketWrapperBase<?> connection, Thread waiting) {
    try {
      connection.close();
    } finally {
      waiting.interrupt();
    }
  }

  /** Looks at what has come, and waits for no more. */
  private @Nullable AdmissionPermit enterReserved(SocketWrapperBase<?> connection)
      throws IOException {
    ByteBuffer come = ByteBuffer.allocate(BoundedProtocol.READ_BUFFER);
    while (come.hasRemaining() && connection.read(false, come) > 0) {
      // All that is there.
    }
    ReservedHead.Kind kind = reserved.kindOf(come.array(), come.position());
    AdmissionPermit place = kind == null ? null : admission.enterReserved(kind);
    if (place != null) {
      connection.unRead(ReservedHead.closing(come.array(), come.position()));
    }
    return place;
  }

  /** By anyone who needs the memory of its request. */
  private void evict() {
    SocketWrapperBase<?> connection = served;
    if (connection != null) {
      giveUp(connection);
    }
  }

  private void refuse(SocketWrapperBase<?> connection, byte[] refusal) throws IOException {
    admission.refuse();
    ByteBuffer unread = ByteBuffer.allocate(READ_BEFORE_REFUSAL);
    while (unread.hasRemaining() && connection.read(false, unread) > 0) {
      // What it asks is of no interest.
    }
    connection.write(true, ByteBuffer.wrap(refusal));
    connection.flush(true);
  }

  @Override
  public void recycle() {
    if (spoils) {
      processor = anew();
      spoils = false;
    } else {
      processor.recycle();
    }
    served = null;
    if (permit != null) {
      admission.leave(permit);
      permit = null;
    }
  }

  @Override
  public @Nullable UpgradeToken getUpgradeToken() {
    return processor.getUpgradeToken();
  }

  @Override
  public boolean isUpgrade() {
    return processor.isUpgrade();
  }

  @Override
  public boolean isAsync() {
    return processor.isAsync();
  }

  @Override
  public void timeoutAsync(long now) {
    processor.timeoutAsync(now);
  }

  @Override
  public Request getRequest() {
    return processor.getRequest();
  }

  @Override
  public void setSslSupport(@Nullable SSLSupport sslSupport) {
    processor.setSslSupport(sslSupport);
  }

  @Override
  public @Nullable ByteBuffer getLeftoverInput() {
    return processor.getLeftoverInput();
  }

  @Override
  public void pause() {
    processor.pause();
  }

  @Override
  public boolean checkAsyncTimeoutGeneration() {
    return processor.checkAsyncTimeoutGeneration();
  }
}
