package dev.nebulastore.time;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Creates {@link Execution}s over the clock of a test. */
public final class Executions {

  private Executions() {}

  /** Uses this for {@link Execution#nanoTime}; everything else is the JVM's. */
  public static Execution over(LongSupplier nanoTime) {
    return over(nanoTime, nanos -> Execution.SYSTEM.parkNanos(nanoTime, nanos));
  }

  /** Uses these for {@link Execution#nanoTime} and {@link Execution#parkNanos}. */
  public static Execution over(LongSupplier nanoTime, LongConsumer parkNanos) {
    return new Execution() {
      @Override
      public long nanoTime() {
        return nanoTime.getAsLong();
      }

      @Override
      public void parkNanos(Object blocker, long nanos) {
        parkNanos.accept(nanos);
      }

      @Override
      public Thread virtualThread(String name, Runnable task) {
        return SYSTEM.virtualThread(name, task);
      }

      @Override
      public Thread platformThread(String name, Runnable task) {
        return SYSTEM.platformThread(name, task);
      }
    };
  }
}
