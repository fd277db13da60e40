package dev.nebulastore.http.tomcat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.http.ClientPresence;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A stream of HTTP/2 that is being served.
 *
 * <p>Threads: confined to the thread that serves it, except {@link #giveUp} and {@link #isGoneNow},
 * which are safe for all.
 */
final class AdmittedStream implements RequestSource, ClientPresence {

  private final Response response;
  private final SocketWrapperBase<?> connection;
  private final AtomicReference<@Nullable Runnable> told = new AtomicReference<>();
  private volatile boolean gone;

  @GuardedBy("this")
  private @Nullable Thread serving;

  AdmittedStream(Response response, SocketWrapperBase<?> connection) {
    this.response = response;
    this.connection = connection;
  }

  /** Says that the current thread serves it from now on. */
  synchronized void begin() {
    serving = Thread.currentThread();
  }

  /** Says that it was served. An interruption that came too late is not for what comes next. */
  synchronized void end() {
    serving = null;
    var _ = Thread.interrupted();
  }

  /** Interrupts the thread that waits for its client, which resets the stream. */
  synchronized void giveUp() {
    if (serving != null) {
      serving.interrupt();
    }
  }

  /** The client has reset it, or the connection has ended. */
  void isGoneNow() {
    gone = true;
    tell();
  }

  private void tell() {
    Runnable callback = told.getAndSet(null);
    if (callback != null) {
      callback.run();
    }
  }

  @Override
  public void breakOff() {
    response.action(ActionCode.CLOSE_NOW, null);
  }

  @Override
  public ClientPresence presence() {
    return this;
  }

  @Override
  public boolean isGone() {
    return gone || connection.isClosed();
  }

  @Override
  public void tellOnce(Runnable callback) {
    if (told.compareAndSet(null, callback) && isGone()) {
      tell();
    }
  }

  @Override
  public void tellNoMore() {
    told.set(null);
  }
}
