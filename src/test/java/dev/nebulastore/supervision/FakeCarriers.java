package dev.nebulastore.supervision;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carriers whose run time a test sets.
 *
 * <p>Threads: thread-safe.
 */
final class FakeCarriers implements Carriers {

  private final AtomicLong ran = new AtomicLong();
  private final AtomicLong cpu = new AtomicLong();

  void run(Duration time) {
    ran.addAndGet(time.toNanos());
  }

  void use(Duration processorTime) {
    cpu.addAndGet(processorTime.toNanos());
  }

  @Override
  public long ranNanos() {
    return ran.get();
  }

  @Override
  public long cpuNanos() {
    return cpu.get();
  }
}
