package dev.nebulastore.http.fast;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.fast.ConnectionDriver.Step;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for events on its connections and passes them to their {@link ConnectionDriver}.
 *
 * <p>Threads: runs on a platform thread of its own, since a selector would pin a carrier. Any
 * thread may {@link #adopt}, {@link #look}, {@link #stop} and ask {@link #hasInFlight}.
 */
final class EventLoop implements Runnable, FastConnection.Owner {

  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private static final int QUEUE = 1_024;

  private static final long LOOK_MILLIS = 20;
  private static final long SWEEP_MILLIS = 500;

  private final ConnectionDriver driver;
  private final Step move;
  private final Step end;
  private final Consumer<FastConnection> lookAt;
  private final Consumer<SelectionKey> ready;
  private final Queue<FastConnection> adopted = new MpscUnboundedAtomicArrayQueue<>(QUEUE);
  private final LookQueue<FastConnection> looks = new LookQueue<>();
  private final AtomicBoolean sleeping = new AtomicBoolean();

  private volatile @Nullable Selector selector;
  private volatile boolean stopping;
  private long looked;
  private long swept;

  EventLoop(FastPathHost host, FastHandler service, Admission admission) {
    ConnectionDriver connections = new ConnectionDriver(host, service, admission);
    Step look = connections::lookAt;
    driver = connections;
    move = connections::move;
    end = connections::end;
    lookAt = connection -> connections.attempt(connection, look);
    ready = this::ready;
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
  boolean hasInFlight() {
    return driver.hasInFlight();
  }

  /** Takes a connection with bytes to read. */
  @Override
  public void adopt(FastConnection connection) {
    adopted.add(connection);
    wakeUp();
  }

  /** Looks at a connection of its own soon. */
  @Override
  public void look(FastConnection connection) {
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
    long now = System.nanoTime();
    driver.isNow(now);
    try {
      register(mine);
      looks.drain(lookAt);
      driver.resume();
      driver.wakeWorkers();
      sweep(mine, now);
      sleeping.set(true);
      if (looks.isEmpty() && adopted.isEmpty() && !stopping) {
        mine.select(ready, driver.isServing() ? LOOK_MILLIS : SWEEP_MILLIS);
      } else {
        mine.selectNow(ready);
      }
      driver.wakeWorkers();
    } catch (IOException | RuntimeException | Error e) {
      ConnectionDriver.logQuietly("An event loop continues after a failure", e);
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    } finally {
      sleeping.set(false);
    }
  }

  private void register(Selector mine) {
    Step register = connection -> driver.register(connection, mine);
    for (FastConnection next = adopted.poll(); next != null; next = adopted.poll()) {
      driver.attempt(next, register);
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof FastConnection connection) {
      // The loop may have waited since the last reading of the clock.
      driver.isNow(System.nanoTime());
      driver.attempt(connection, move);
    }
  }

  private void sweep(Selector mine, long now) {
    if (now - looked >= TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
      looked = now;
      driver.answerOverdue();
    }
    if (now - swept >= TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS)) {
      swept = now;
      for (SelectionKey key : List.copyOf(mine.keys())) {
        if (key.attachment() instanceof FastConnection connection) {
          driver.attempt(connection, end);
        }
      }
    }
  }
}
