package dev.nebulastore.http.fast;

import dev.nebulastore.http.Admission;
import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Serves plain requests on a few event loops, without the servlet container. Everything rare or
 * slow is left to the server that accepted the connection.
 *
 * <p>Threads: safe for all.
 */
public final class FastPath {

  private static final Duration LAST_ANSWERS = Duration.ofSeconds(8);
  private static final long LOOK_NANOS = 1_000_000;

  private final FastPathHost host;
  private final FastHandler service;
  private final List<EventLoop> loops = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  /** Creates one event loop for every two processors. */
  public FastPath(FastPathHost host, FastHandler service, Admission admission) {
    this.host = host;
    this.service = service;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    for (int i = 0; i < count; i++) {
      loops.add(new EventLoop(host, service, admission));
    }
  }

  /** Starts the event loops. */
  public void start() throws IOException {
    for (int i = 0; i < loops.size(); i++) {
      loops.get(i).start("fast-path-" + i, Selector.open());
    }
  }

  /** Stops the event loops, after the connections were closed. */
  public void stop() {
    loops.forEach(EventLoop::stop);
  }

  /** Waits until no request is in flight, for at most 8 s. */
  public void awaitAnswers() {
    long until = System.nanoTime() + LAST_ANSWERS.toNanos();
    while (loops.stream().anyMatch(EventLoop::hasInFlight) && System.nanoTime() < until) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  /** Whether these bytes begin with the complete head of a plain request. */
  public boolean isPlain(byte[] bytes, int length) {
    FastRequestParser head = new FastRequestParser(service, host::isHost);
    return head.read(bytes, length) == FastRequestParser.Verdict.PLAIN;
  }

  /** Assigns a connection to one of the event loops. The server still has it. */
  public FastConnection connect(FastConnection.Transport transport) {
    int loop = Math.floorMod(next.getAndIncrement(), loops.size());
    return new FastConnection(transport, loops.get(loop));
  }
}
