package dev.nebulastore.watch;

import org.springframework.context.SmartLifecycle;

/**
 * Ends all subscriptions when the server stops, before anything else: a stream that is open for
 * hours must not delay the stop.
 *
 * <p>Threads: confined to the lifecycle's.
 */
final class WatchShutdown implements SmartLifecycle {

  private final WatchHub hub;
  private volatile boolean running;

  WatchShutdown(WatchHub hub) {
    this.hub = hub;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    hub.end();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** A paused server keeps its subscriptions: once ended, they could not continue. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  /** The last to start, so the first to stop. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }
}
