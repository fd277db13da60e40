package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.TimeSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeToken;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's processor of requests, with an {@link Admission} before it.
 *
 * <p>Tomcat assigns a processor to a connection when the first byte of a request arrives, keeps it
 * there until the answer is sent, and then calls {@link #recycle}. In between the request is in
 * flight.
 *
 * <p>Threads: confined to the connection's, as Tomcat's own. Any thread may evict its request.
 */
final class AdmittedProcessor implements Processor {

  /** How much of a request is read before it is refused, so that its client reads the answer. */
  private static final int READ_BEFORE_REFUSAL = 16 << 10;

  private final Supplier<Processor> processors;
  private Processor processor;
  private AdmittedInput input;
  private final TimeSlice slice;
  private final Executor closer;
  private final Admission admission;
  private final BoundedEndpoint endpoint;
  private final PreparedAnswers answers;
  private final ClientPoller clients;
  private final ReservedHead reserved;
  private @Nullable AdmissionPermit permit;

  // Written by the connection's thread, read by threads that evict its request.
  private volatile @Nullable Thread serving;
  private volatile @Nullable SocketWrapperBase<?> served;

  /**
   * Creates a processor without a request.
   *
   * @param processors makes Tomcat's processors
   * @param endpoint knows which connections are beyond the limit
   * @param answers the complete answers to requests beyond a limit
   * @param clients reports that a client may have gone away
   * @param reserved recognises requests with reserved permits
   * @param slice limits how long pipelined requests run
   * @param closer closes connections for virtual threads
   */
  AdmittedProcessor(
      Supplier<Processor> processors,
      Admission admission,
      BoundedEndpoint endpoint,
      PreparedAnswers answers,
      ClientPoller clients,
      ReservedHead reserved,
      TimeSlice slice,
      Executor closer) {
    this.processors = processors;
    this.processor = processors.get();
    this.input = admitted(processor);
    this.admission = admission;
    this.endpoint = endpoint;
    this.answers = answers;
    this.clients = clients;
    this.reserved = reserved;
    this.slice = slice;
    this.closer = closer;
  }

  private static AdmittedInput admitted(Processor made) {
    Request request = made.getRequest();
    AdmittedInput input = new AdmittedInput(request.getInputBuffer());
    request.setInputBuffer(input);
    return input;
  }

  @Override
  public SocketState process(SocketWrapperBase<?> connection, SocketEvent event)
      throws IOException {
    AdmissionPermit current = permit;
    if (current == null) {
      if (!endpoint.isWithinAddress(connection)) {
        refuse(connection, answers.ofAddress());
        return SocketState.CLOSED;
      }
      boolean room = endpoint.hasRoom(connection);
      Runnable giveUp = () -> giveUp(connection);
      current = room ? admission.enter(giveUp) : null;
      if (current == null) {
        current = enterReserved(connection);
      }
      if (current == null && room) {
        current = admission.enterLate(giveUp);
      }
      permit = current;
      if (current == null) {
        refuse(connection, room ? answers.requests() : answers.connections());
        return SocketState.CLOSED;
      }
      // Whoever evicts a client may be late, and this processor may serve another one by then.
      input.begin(current, new SocketSource(connection, clients), new Peer(giveUp));
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
      input.peer().isNotAwaited();
    }
    if (state == SocketState.LONG && !processor.isAsync()) {
      current.isIncomplete();
    }
    return state;
  }

  /** Checked for each head, since pipelined requests share a permit. */
  private boolean headHasTime() {
    long began = processor.getRequest().getStartTimeNanos();
    return processor.isAsync() || began < 0 || admission.hasTime(began);
  }

  /**
   * Evicts the request of a connection. Any thread. If a thread waits for more of the body, it is
   * interrupted and finds the connection closed. If Tomcat waits for more of the head, which it
   * does without a thread, the connection gets an event and is closed by it.
   *
   * <p>Closing a connection takes a lock of its selector. A virtual thread that waits for a lock is
   * scheduled among all others, so thousands that close at once would wait for each other for
   * seconds. Therefore a platform thread closes connections for them.
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

  /** The processor may serve another connection by now, and its thread with it. */
  @SuppressWarnings("ReferenceEquality")
  private void close(SocketWrapperBase<?> connection, Thread waiting) {
    try {
      connection.close();
    } finally {
      if (served == connection) {
        waiting.interrupt();
      }
    }
  }

  /** Examines what has arrived, without waiting. */
  private @Nullable AdmissionPermit enterReserved(SocketWrapperBase<?> connection)
      throws IOException {
    ByteBuffer come = ByteBuffer.allocate(ConnectionLimit.READ_BUFFER);
    while (come.hasRemaining() && connection.read(false, come) > 0) {
      // Reads all that has arrived.
    }
    ReservedHead.Kind kind = reserved.kindOf(come.array(), come.position());
    AdmissionPermit place = kind == null ? null : admission.enterReserved(kind);
    connection.unRead(
        place == null ? come.flip() : ReservedHead.closing(come.array(), come.position()));
    return place;
  }

  private void refuse(SocketWrapperBase<?> connection, byte[] refusal) throws IOException {
    admission.refuse();
    ByteBuffer unread = ByteBuffer.allocate(READ_BEFORE_REFUSAL);
    while (unread.hasRemaining() && connection.read(false, unread) > 0) {
      // The request itself is ignored.
    }
    connection.write(true, ByteBuffer.wrap(refusal));
    connection.flush(true);
  }

  @Override
  public void recycle() {
    if (input.wasWithoutVersion()) {
      processor = processors.get();
      input = admitted(processor);
    } else {
      processor.recycle();
      input.end();
    }
    SocketWrapperBase<?> connection = served;
    if (connection != null) {
      UsedBuffers.wipeRead(connection);
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

  /**
   * A copy, since Tomcat calls {@link #recycle}, which overwrites the buffer, before it uses it.
   */
  @Override
  public @Nullable ByteBuffer getLeftoverInput() {
    ByteBuffer rest = processor.getLeftoverInput();
    return rest == null ? null : ByteBuffer.allocate(rest.remaining()).put(rest).flip();
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
