package dev.nebulastore.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits between two attempts. */
@FunctionalInterface
interface Pause {

  /** Waits for real; an interrupt ends it. */
  Pause REAL =
      time -> {
        boolean unused = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
      };

  void rest(Duration time) throws InterruptedException;
}
