package dev.nebulastore.watch;

import org.springframework.context.SmartLifecycle;

/**
 * Ends all that watch when the server stops, before anything else does: a stream that is open for
 * hours must not hold the stop up.
 *
 * <p>Threads: called by the lifecycle's.
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

  /** A pause is no stop: what has ended would not go on. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  /** The last to start is the first to stop. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }
}
