package dev.nebulastore.ops;

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
 * Lets clients go before the server stops: nobody new comes in, and whoever sends another request
 * on an open connection is answered and told to close it. Tomcat's own pause, which comes next,
 * drops what arrives on such a connection unread, so that the client can't know what became of it.
 *
 * <p>Threads: called by the lifecycle's; the servers are added before the start is over.
 */
@Component
final class ConnectionDrain implements SmartLifecycle {

  /**
   * Far longer than a busy client waits between two requests, and a write for a slow disk under
   * load, but short for who stops the server. Fixed, since Tomcat does not count connections any
   * more once it takes no new ones.
   */
  private static final Duration WHILE = Duration.ofSeconds(2);

  /** Tomcat counts the connection that it waits for, too. */
  private static final long WAITED_FOR = 1;

  private final Set<AbstractProtocol<?>> protocols = ConcurrentHashMap.newKeySet();
  private volatile boolean running;

  @EventListener
  void listensNow(WebServerInitializedEvent event) {
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

  /** A pause is no stop: the web server goes on, and a closed socket would not open again. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  /** Stops before Spring Boot's graceful stop does. */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
  }
}
