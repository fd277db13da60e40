package dev.nebulastore.http.fast;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.AdmissionPermit;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.fast.FastConnection.State;
import dev.nebulastore.http.fast.FastHandler.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the connections of an event loop through their {@link State}s: reads, begins and answers
 * their plain requests, and never waits.
 *
 * <p>Threads: confined to the event loop's. Any thread may ask {@link #hasInFlight}.
 */
final class ConnectionDriver {

  private static final Logger log = LoggerFactory.getLogger(ConnectionDriver.class);

  private static final int PIECE = 16 << 10;

  /** How long requests wait without any permit given back, before Tomcat refuses them; in ns. */
  static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  /** A step of one connection. If it fails, that connection is closed. */
  interface Step {
    void take(FastConnection connection) throws IOException;
  }

  private final FastPathHost host;
  private final FastHandler service;
  private final Admission admission;
  private final AtomicInteger inFlight = new AtomicInteger();

  private final FastRequestParser head;
  private final ResponseBuffer answer;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private final byte[] come = new byte[ConnectionLimit.READ_BUFFER];

  // Connections with a request that was begun and not answered, oldest first.
  private final SequencedSet<FastConnection> served = new LinkedHashSet<>();
  // Connections with bytes to read that wait for a permit, oldest first.
  private final SequencedSet<FastConnection> crowded = new LinkedHashSet<>();
  private final WakeUps wakeUps = new WakeUps();
  private final Step look = this::lookAt;
  private final Step readOn = this::readOn;
  private long now;
  // When a permit was given back while connections waited, or the first of them began to wait.
  private long givenBack;

  ConnectionDriver(FastPathHost host, FastHandler service, Admission admission) {
    this.host = host;
    this.service = service;
    this.admission = admission;
    this.head = new FastRequestParser(service, host::isHost);
    this.answer = new ResponseBuffer(host::date);
  }

  /** Sets the current time, by {@link System#nanoTime}. */
  void isNow(long nanoTime) {
    now = nanoTime;
  }

  /** Whether requests are in flight; any thread. */
  boolean hasInFlight() {
    return inFlight.get() > 0;
  }

  /** Whether requests were begun and not answered yet. */
  boolean isServing() {
    return !served.isEmpty();
  }

  /** Wakes the workers of the requests that have begun since the last call. */
  void wakeWorkers() {
    wakeUps.run();
  }

  /** Takes a step, and closes the connection if that fails. */
  void attempt(FastConnection connection, Step step) {
    try {
      step.take(connection);
    } catch (IOException | CancelledKeyException e) {
      // The client has gone away.
      drop(connection);
    } catch (RuntimeException | Error e) {
      drop(connection);
      logQuietly("A request failed", e);
    }
  }

  /** Logs a failure. If that fails too, as without memory, the loop continues all the same. */
  static void logQuietly(String what, Throwable e) {
    try {
      log.error(what, e);
    } catch (Throwable again) {
      // There is nothing left to try.
    }
  }

  /** Takes a connection with bytes to read. */
  void register(FastConnection connection, Selector selector) throws IOException {
    connection.register(selector);
    if (!waits(connection)) {
      readOn(connection);
    }
  }

  /** Reads bytes that the server may have read and put back. */
  private void readOn(FastConnection connection) throws IOException {
    connection.interest(SelectionKey.OP_READ);
    handle(connection, connection.transport().read(ByteBuffer.wrap(come)));
  }

  /**
   * Has a connection wait if no permit is free and requests of this loop will give theirs back. One
   * look of the selector may report more requests than may be in flight, although each takes some
   * microseconds.
   */
  private boolean waits(FastConnection connection) {
    if (crowded.isEmpty()) {
      if (!isCrowded()) {
        return false;
      }
      givenBack = now;
    }
    connection.interest(0);
    connection.state = State.CROWDED;
    crowded.add(connection);
    return true;
  }

  private boolean isCrowded() {
    return isServing() && !admission.hasFastPermit();
  }

  /** Reads from the connections that have waited for a permit, as far as there are permits. */
  void resume() {
    while (!crowded.isEmpty() && (!isCrowded() || now - givenBack > PATIENCE)) {
      attempt(crowded.removeFirst(), readOn);
    }
  }

  /** The selector reports an event. */
  void move(FastConnection connection) throws IOException {
    switch (connection.state) {
      case IDLE -> receive(connection);
      case PARTIAL -> readBody(connection);
      case SENDING -> send(connection);
      // The client has sent more before its answer, or has gone away: both can wait.
      case CROWDED, SERVED, WITH_TOMCAT -> connection.interest(0);
    }
  }

  /** If the claim fails, the connection is being evicted and will be closed. */
  private void receive(FastConnection connection) throws IOException {
    if (!connection.claim(connection.since)) {
      connection.interest(0);
    } else if (!waits(connection)) {
      handle(connection, connection.read(piece, come, 0));
    }
  }

  /** There may be an answer, or the connection was closed. */
  void lookAt(FastConnection connection) throws IOException {
    if (connection.state == State.SERVED) {
      var _ = tryAnswer(connection);
    } else if (connection.transport().isClosed()) {
      forget(connection);
    }
  }

  /** Handles the first bytes of a request. */
  private void handle(FastConnection connection, int length) throws IOException {
    if (length < 0) {
      drop(connection);
    } else if (length == 0) {
      connection.becomesIdle(now);
    } else {
      try {
        if (!take(connection, length)) {
          giveBack(connection, come, length);
        }
      } finally {
        // While no request arrives, no token is in memory.
        head.forgetToken();
        Arrays.fill(come, 0, length, (byte) 0);
      }
    }
  }

  /** Takes the request if it is plain, and begins it if all of it has arrived. */
  private boolean take(FastConnection connection, int length) throws IOException {
    if (!host.isOpen() || head.read(come, length) != FastRequestParser.Verdict.PLAIN) {
      return false;
    }
    int start = head.length();
    Exchange exchange = service.prepare(head.request(connection.address));
    if (exchange == null) {
      return false;
    }
    AdmissionPermit permit = admission.enterFast(connection.transport()::close);
    if (permit == null) {
      return false;
    }
    inFlight.incrementAndGet();
    connection.permit = permit;
    connection.exchange = exchange;
    exchange.isFrom(connection.peer);
    connection.since = now;
    connection.expect(head.contentLength(), ByteBuffer.wrap(come, start, length - start));
    if (connection.isComplete()) {
      if (start + connection.size < length) {
        connection.behind = Arrays.copyOfRange(come, start + connection.size, length);
      }
      begin(connection);
    } else {
      permit.isIncomplete();
      connection.state = State.PARTIAL;
      readBody(connection);
    }
    return true;
  }

  private void readBody(FastConnection connection) throws IOException {
    connection.since = now;
    connection.peer.isAwaited(now);
    if (!connection.receive(piece)) {
      cutShort(connection);
    } else if (connection.isComplete() && Objects.requireNonNull(connection.permit).goesOn()) {
      begin(connection);
    }
  }

  /** The rest of the body will not arrive: sends the refusal and closes the connection. */
  private void cutShort(FastConnection connection) throws IOException {
    Exchange exchange = Objects.requireNonNull(connection.exchange);
    exchange.cutShort();
    if (exchange.answer(answer)) {
      answer.endLast();
      connection.takes(answer);
      connection.sendLast();
    }
    drop(connection);
  }

  private void begin(FastConnection connection) throws IOException {
    connection.state = State.SERVED;
    connection.peer.isNotAwaited();
    served.add(connection);
    if (!connection.isRefused()) {
      Objects.requireNonNull(connection.exchange).begin(connection.body, connection, wakeUps);
    }
    var _ = tryAnswer(connection);
  }

  private boolean tryAnswer(FastConnection connection) throws IOException {
    Exchange exchange = Objects.requireNonNull(connection.exchange);
    if (!exchange.answer(answer)) {
      return false;
    }
    answer.end();
    served.remove(connection);
    connection.state = State.SENDING;
    connection.since = now;
    connection.takes(answer);
    send(connection);
    return true;
  }

  private void send(FastConnection connection) throws IOException {
    if (!connection.send(piece)) {
      connection.interest(SelectionKey.OP_WRITE);
      connection.since = now;
      connection.peer.isAwaited(now);
      return;
    }
    release(connection);
    byte[] behind = connection.behind;
    if (behind.length > 0) {
      connection.behind = FastConnection.NOTHING;
      giveBack(connection, behind, behind.length);
    } else {
      connection.interest(SelectionKey.OP_READ);
      connection.becomesIdle(now);
    }
  }

  private static void giveBack(FastConnection connection, byte[] unread, int length) {
    connection.interest(0);
    connection.state = State.WITH_TOMCAT;
    connection.transport().giveBack(connection, ByteBuffer.wrap(unread, 0, length));
  }

  /** Closes a connection. Never throws, since other connections depend on the loop. */
  void drop(FastConnection connection) {
    try {
      try {
        connection.transport().close();
      } finally {
        forget(connection);
      }
    } catch (RuntimeException | Error e) {
      logQuietly("A connection could not be closed", e);
    }
  }

  /** Forgets a closed connection. */
  private void forget(FastConnection connection) {
    crowded.remove(connection);
    served.remove(connection);
    connection.state = State.WITH_TOMCAT;
    release(connection);
  }

  /** Releases what the request of a connection holds. */
  private void release(FastConnection connection) {
    connection.peer.isNotAwaited();
    Exchange exchange = connection.exchange;
    AdmissionPermit permit = connection.permit;
    connection.exchange = null;
    connection.permit = null;
    try {
      if (exchange != null) {
        exchange.close();
      }
    } finally {
      if (permit != null) {
        inFlight.decrementAndGet();
        givenBack = now;
        admission.leave(permit);
      }
    }
    connection.head = FastConnection.NOTHING;
    connection.body = FastConnection.NOTHING;
  }

  /** All requests have the same deadline, so the oldest are overdue first. */
  void answerOverdue() {
    boolean overdue = true;
    while (overdue && !served.isEmpty()) {
      FastConnection oldest = served.getFirst();
      attempt(oldest, look);
      overdue = oldest.state != State.SERVED;
    }
  }

  /** Closes a connection that has exceeded its timeout. */
  void end(FastConnection connection) throws IOException {
    long limit =
        switch (connection.state) {
          case IDLE -> host.keepAliveTimeout();
          case PARTIAL, SENDING -> host.connectionTimeout();
          case CROWDED, SERVED, WITH_TOMCAT -> 0;
        };
    if (limit > 0 && now - connection.since > TimeUnit.MILLISECONDS.toNanos(limit)) {
      if (connection.state == State.PARTIAL) {
        cutShort(connection);
      } else {
        drop(connection);
      }
    }
  }
}
