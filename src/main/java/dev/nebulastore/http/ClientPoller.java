package dev.nebulastore.http;

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
 * Tells requests that wait that something can be read on their connection: the client has sent
 * more, or has gone away. It reads nothing itself, since a connection belongs to its request's
 * thread.
 *
 * <p>Tomcat's own poller can't do this: what it finds readable, it hands to a new thread, which
 * would wait for the request to end.
 *
 * <p>Threads: it has a platform thread of its own, as a selector would pin a carrier. The rest is
 * safe for all.
 */
final class ClientPoller implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(ClientPoller.class);

  /** A closed connection keeps its file until each selector that knows it has looked once more. */
  private static final long LOOK_MILLIS = 500;

  private volatile @Nullable Selector selector;

  /** Begins to look. */
  void start() throws IOException {
    Selector opened = Selector.open();
    selector = opened;
    Thread.ofPlatform().daemon().name("client-poller").start(this);
  }

  /** Looks no more. */
  void stop() throws IOException {
    Selector open = selector;
    if (open != null) {
      open.close();
    }
  }

  /**
   * Runs this once, from another thread, as soon as something can be read; at once if it can be
   * already, or if the channel is closed. It must not wait.
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

  /** Has nothing told any more of this channel; what is being told at this moment still may be. */
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

  /** A failure that can't be told, for want of memory, must not end it. */
  private static void logQuietly(Throwable e) {
    try {
      log.error("The poller for clients goes on after a failure", e);
    } catch (Throwable again) {
      // It goes on without a word.
    }
  }

  private static void tell(SelectionKey key) {
    if (disarm(key) instanceof Runnable told) {
      told.run();
    }
  }

  /** The key stays: one that was cancelled could not be registered again until the next look. */
  private static @Nullable Object disarm(SelectionKey key) {
    try {
      key.interestOps(0);
    } catch (CancelledKeyException e) {
      // The connection was closed.
    }
    return key.attach(null);
  }
}
