package dev.nebulastore.http.tomcat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Drains connections before the server stops: new connections are refused, and the next request on
 * an open connection is answered with {@code Connection: close}. Tomcat's own pause follows. It
 * drops requests unread, so that clients don't know whether they were applied.
 *
 * <p>Threads: used by the thread of the lifecycle; servers are added before the start completes.
 */
@Component
final class ConnectionDrain implements SmartLifecycle {

  /**
   * Much longer than the pause between two requests of a busy client, and than a write to a slow
   * disk under load, but short for an operator who waits. It is fixed, since Tomcat stops counting
   * connections when it accepts no new ones.
   */
  private static final Duration WHILE = Duration.ofSeconds(2);

  /** Tomcat also counts the connection that it is about to accept. */
  private static final long WAITED_FOR = 1;

  private final Set<AbstractProtocol<?>> protocols = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  @EventListener
  void onStart(WebServerInitializedEvent event) {
    if (event.getWebServer() instanceof TomcatWebServer server
        && server.getTomcat().getConnector().getProtocolHandler()
            instanceof AbstractProtocol<?> protocol) {
      protocols.add(protocol);
    }
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    boolean connected = false;
    for (AbstractProtocol<?> protocol : protocols) {
      connected |= protocol.getConnectionCount() > WAITED_FOR;
      protocol.closeServerSocketGraceful();
    }
    long until = System.nanoTime() + WHILE.toNanos();
    for (long left = WHILE.toNanos(); connected && left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** During a pause the web server continues to run, and a closed socket could not be reopened. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  /** Stops before the graceful shutdown of Spring Boot. */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
  }
}
