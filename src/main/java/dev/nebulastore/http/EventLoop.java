package dev.nebulastore.http;

import dev.nebulastore.http.Admission.AdmissionPermit;
import dev.nebulastore.http.FastConnection.State;
import dev.nebulastore.http.FastHandler.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, begins and answers the plain requests of some connections, and waits for none of them.
 *
 * <p>Threads: confined to its own platform thread, as a selector would hold a carrier; others may
 * {@link #adopt}, {@link #look}, {@link #stop} and ask {@link #hasInHand}.
 */
final class EventLoop implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private static final int PIECE = 16 << 10;
  private static final int QUEUE = 1_024;
  private static final long LOOK_MILLIS = 20;
  private static final long SWEEP_MILLIS = 500;

  private final FastPath path;
  private final FastHandler service;
  private final Admission admission;
  private final byte[] late;
  private final Queue<FastConnection> adopted = new MpscUnboundedAtomicArrayQueue<>(QUEUE);
  private final LookQueue looks = new LookQueue();
  private final AtomicBoolean sleeping = new AtomicBoolean();
  private final AtomicInteger inHand = new AtomicInteger();

  private final FastRequestParser head;
  private final ResponseBuffer answer = new ResponseBuffer();
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private final byte[] come = new byte[BoundedProtocol.READ_BUFFER];

  // In the order in which they were begun.
  private final SequencedSet<FastConnection> served = new LinkedHashSet<>();

  private volatile @Nullable Selector selector;
  private volatile boolean stopping;
  private long now;
  private long looked;
  private long swept;

  EventLoop(FastPath path, FastHandler service, Admission admission, byte[] late) {
    this.path = path;
    this.service = service;
    this.admission = admission;
    this.late = late.clone();
    this.head = new FastRequestParser(service);
  }

  void start(String name, Selector opened) {
    selector = opened;
    Thread.ofPlatform().daemon().name(name).start(this);
  }

  void stop() {
    stopping = true;
    wakeUp();
  }

  /** Whether requests are in flight. */
  boolean hasInHand() {
    return inHand.get() > 0;
  }

  /** Has it take a connection, on which something has come. */
  void adopt(FastConnection connection) {
    adopted.add(connection);
    wakeUp();
  }

  /** Has it look at a connection of its own. */
  void look(FastConnection connection) {
    looks.add(connection);
    wakeUp();
  }

  private void wakeUp() {
    Selector waiting = selector;
    if (sleeping.get() && sleeping.compareAndSet(true, false) && waiting != null) {
      waiting.wakeup();
    }
  }

  @Override
  public void run() {
    try (Selector mine = selector) {
      while (mine != null && !stopping) {
        step(mine);
      }
    } catch (IOException e) {
      log.error("An event loop could not close its selector", e);
    }
  }

  private void step(Selector mine) {
    now = System.nanoTime();
    try {
      each(adopted, this::register);
      Step look = this::lookAt;
      looks.drain(connection -> attempt(connection, look));
      sweep(mine);
      sleeping.set(true);
      if (looks.isEmpty() && adopted.isEmpty() && !stopping) {
        mine.select(this::ready, served.isEmpty() ? SWEEP_MILLIS : LOOK_MILLIS);
      } else {
        mine.selectNow(this::ready);
      }
    } catch (IOException | RuntimeException | Error e) {
      logQuietly("An event loop goes on after a failure", e);
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    } finally {
      sleeping.set(false);
    }
  }

  /** What is done for one connection; what fails closes that one alone. */
  private interface Step {
    void take(FastConnection connection) throws IOException;
  }

  private void each(Queue<FastConnection> connections, Step step) {
    for (FastConnection next = connections.poll(); next != null; next = connections.poll()) {
      attempt(next, step);
    }
  }

  private void attempt(FastConnection connection, Step step) {
    try {
      step.take(connection);
    } catch (IOException | CancelledKeyException e) {
      // The client went away.
      drop(connection);
    } catch (RuntimeException | Error e) {
      drop(connection);
      logQuietly("A request failed", e);
    }
  }

  /** A failure that can't be told, for want of memory, must not end the loop. */
  private static void logQuietly(String what, Throwable e) {
    try {
      log.error(what, e);
    } catch (Throwable again) {
      // It goes on without a word.
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof FastConnection connection) {
      // It may have waited for long.
      now = System.nanoTime();
      attempt(connection, this::move);
    }
  }

  private void register(FastConnection connection) throws IOException {
    connection.register(Objects.requireNonNull(selector));
    // Tomcat has read, and given back, what has come.
    handle(connection, connection.wrapper().read(false, ByteBuffer.wrap(come)));
  }

  /** Something can be done on it. */
  private void move(FastConnection connection) throws IOException {
    switch (connection.state) {
      case IDLE -> receive(connection);
      case PARTIAL -> readBody(connection);
      case SENDING -> send(connection);
      // It has sent more before it was answered, or has gone away: both can wait.
      case SERVED, WITH_TOMCAT -> connection.interest(0);
    }
  }

  /** If it is not, it is being evicted, and was or will be closed. */
  private void receive(FastConnection connection) throws IOException {
    if (connection.claim(connection.since)) {
      handle(connection, connection.read(piece, come, 0));
    } else {
      connection.interest(0);
    }
  }

  /** It was told that there is an answer, or that the connection was closed. */
  private void lookAt(FastConnection connection) throws IOException {
    if (connection.state == State.SERVED) {
      var _ = tryAnswer(connection);
    } else if (connection.isClosed()) {
      forget(connection);
    }
  }

  /** So many bytes have come of a request. */
  private void handle(FastConnection connection, int length) throws IOException {
    if (length < 0) {
      drop(connection);
    } else if (length == 0) {
      connection.becomesIdle(now);
    } else if (!take(connection, length)) {
      giveBack(connection, come, length);
    }
  }

  /** Takes the request if it is a plain one, and begins it if it is all there. */
  private boolean take(FastConnection connection, int length) throws IOException {
    if (!path.isOpen() || head.read(come, length) != FastRequestParser.Verdict.PLAIN) {
      return false;
    }
    int start = head.length();
    Exchange exchange = service.prepare(head.request());
    if (exchange == null) {
      return false;
    }
    AdmissionPermit permit = admission.enterFast(connection.wrapper()::close);
    if (permit == null) {
      return false;
    }
    inHand.incrementAndGet();
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
      connection.sendLast(late);
      drop(connection);
    } else if (connection.isComplete() && Objects.requireNonNull(connection.permit).goesOn()) {
      begin(connection);
    }
  }

  private void begin(FastConnection connection) throws IOException {
    connection.state = State.SERVED;
    connection.peer.isNotAwaited();
    served.add(connection);
    if (!connection.isRefused()) {
      Objects.requireNonNull(connection.exchange).begin(connection.body, connection);
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
    connection.head = answer.head();
    connection.headLength = answer.headLength();
    connection.body = answer.body();
    connection.position = 0;
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

  private void giveBack(FastConnection connection, byte[] unread, int length) {
    connection.interest(0);
    connection.state = State.WITH_TOMCAT;
    path.giveBack(connection, ByteBuffer.wrap(unread, 0, length));
  }

  /** Never throws: others wait for their turn. */
  private void drop(FastConnection connection) {
    try {
      try {
        connection.wrapper().close();
      } finally {
        forget(connection);
      }
    } catch (RuntimeException | Error e) {
      logQuietly("A connection could not be closed", e);
    }
  }

  /** It is closed. */
  private void forget(FastConnection connection) {
    served.remove(connection);
    connection.state = State.WITH_TOMCAT;
    release(connection);
  }

  /** Nothing is in flight on it any more. */
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
        inHand.decrementAndGet();
        admission.leave(permit);
      }
    }
    connection.head = FastConnection.NOTHING;
    connection.body = FastConnection.NOTHING;
  }

  /** All are allowed as long, so that the oldest are the first whose time is over. */
  private void answerOverdue() {
    boolean overdue = true;
    while (overdue && !served.isEmpty()) {
      FastConnection oldest = served.getFirst();
      attempt(oldest, this::lookAt);
      overdue = oldest.state != State.SERVED;
    }
  }

  /** Ends what takes too long. */
  private void end(FastConnection connection) throws IOException {
    long limit =
        switch (connection.state) {
          case IDLE -> path.keepAliveTimeout();
          case PARTIAL, SENDING -> path.connectionTimeout();
          case SERVED, WITH_TOMCAT -> 0;
        };
    if (limit > 0 && now - connection.since > TimeUnit.MILLISECONDS.toNanos(limit)) {
      if (connection.state == State.PARTIAL) {
        connection.sendLast(late);
      }
      drop(connection);
    }
  }

  private void sweep(Selector mine) {
    if (now - looked >= TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
      looked = now;
      answerOverdue();
    }
    if (now - swept >= TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS)) {
      swept = now;
      for (SelectionKey key : List.copyOf(mine.keys())) {
        if (key.attachment() instanceof FastConnection connection) {
          attempt(connection, this::end);
        }
      }
    }
  }
}
