package dev.nebulastore.time;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Creates the store clock over the clocks of a test. */
public final class Clocks {

  private Clocks() {}

  /** The server's own clock, over these two. */
  public static StoreClock over(InstantSource system, LongSupplier nanoTime) {
    return new MonotonicClock(system, nanoTime);
  }
}
