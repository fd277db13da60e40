package dev.nebulastore.shard;

import dev.nebulastore.kv.StoreClock;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Makes the clock of the store over clocks of a test. */
public final class Clocks {

  private Clocks() {}

  /** As the server has it, over these two. */
  public static StoreClock over(InstantSource system, LongSupplier nanoTime) {
    return new MonotonicClock(system, nanoTime);
  }
}
