package dev.nebulastore.http.tomcat;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to waiting requests that their connection has become readable: the client has sent more,
 * or has gone away. It reads nothing itself, since a connection belongs to the thread of its
 * request.
 *
 * <p>Tomcat's own poller can't do this: it passes a readable connection to a new thread, which
 * would wait for the request to end.
 *
 * <p>Threads: runs on a platform thread of its own, since a selector would pin a carrier. All
 * methods are safe for all.
 */
final class ClientPoller implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(ClientPoller.class);

  /** A closed connection keeps its file descriptor until each of its selectors selects again. */
  private static final long LOOK_MILLIS = 500;

  private volatile @Nullable Selector selector;

  /** Starts the thread. */
  void start() throws IOException {
    Selector opened = Selector.open();
    selector = opened;
    Thread.ofPlatform().daemon().name("client-poller").start(this);
  }

  /** Stops the thread. */
  void stop() throws IOException {
    Selector open = selector;
    if (open != null) {
      open.close();
    }
  }

  /**
   * Runs a callback once, on another thread, as soon as the channel is readable; at once if it is
   * readable already or closed. The callback must not wait.
   */
  void tellOnce(SocketChannel channel, Runnable told) {
    Selector open = selector;
    if (open == null || !open.isOpen()) {
      return;
    }
    try {
      SelectionKey key = channel.keyFor(open);
      if (key == null) {
        channel.register(open, SelectionKey.OP_READ, told);
      } else {
        key.attach(told);
        key.interestOps(SelectionKey.OP_READ);
      }
      open.wakeup();
    } catch (ClosedChannelException | CancelledKeyException e) {
      told.run();
    } catch (ClosedSelectorException e) {
      // The server stops.
    }
  }

  /** Cancels the callback of a channel; one that is about to run may still run. */
  void tellNoMore(SocketChannel channel) {
    Selector open = selector;
    SelectionKey key = open == null ? null : channel.keyFor(open);
    if (key != null) {
      disarm(key);
    }
  }

  @Override
  public void run() {
    Selector open = selector;
    while (open != null && open.isOpen()) {
      try {
        open.select(ClientPoller::tell, LOOK_MILLIS);
      } catch (ClosedSelectorException e) {
        return;
      } catch (IOException | RuntimeException | Error e) {
        logQuietly(e);
        LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
      }
    }
  }

  /** Logs a failure. If that fails too, as without memory, the poller continues all the same. */
  private static void logQuietly(Throwable e) {
    try {
      log.error("The poller for clients continues after a failure", e);
    } catch (Throwable again) {
      // There is nothing left to try.
    }
  }

  private static void tell(SelectionKey key) {
    if (disarm(key) instanceof Runnable told) {
      told.run();
    }
  }

  /** Keeps the key: a cancelled one can't be registered again until the next select. */
  private static @Nullable Object disarm(SelectionKey key) {
    try {
      key.interestOps(0);
    } catch (CancelledKeyException e) {
      // The connection was closed.
    }
    return key.attach(null);
  }
}
