package dev.nebulastore.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How time is let go by between two attempts. */
@FunctionalInterface
interface Pause {

  /** The pause of a running program: it ends in time, or by an interrupt. */
  Pause REAL =
      time -> {
        boolean _ = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
      };

  void rest(Duration time) throws InterruptedException;
}
