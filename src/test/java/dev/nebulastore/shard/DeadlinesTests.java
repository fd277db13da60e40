package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.storage.Thrown;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeadlinesTests {

  private final Deadlines deadlines = new Deadlines(Execution.SYSTEM);

  @AfterEach
  void stop() {
    deadlines.stop();
  }

  @Test
  void callersUseTheirOwnTimerWhileStopped() {
    assertThat(deadlines.enter(call(Duration.ofMinutes(1)), 1)).isNegative();
  }

  @Test
  void overdueCallersAreWoken() {
    deadlines.start();
    PendingCommand call = call(Duration.ofNanos(1));
    int slot = deadlines.enter(call, 1);
    assertThat(slot).isNotNegative();
    // Returns only once the thread is woken, even if that has already happened.
    LockSupport.park();
    deadlines.leave(slot);
  }

  @Test
  void callersWaitInSlotsOfTheirOwn() {
    deadlines.start();
    List<Integer> slots = new ArrayList<>();
    for (int thread = 0; thread < 4_000; thread++) {
      int slot = deadlines.enter(call(Duration.ofMinutes(1)), thread);
      if (slot >= 0) {
        slots.add(slot);
      }
    }
    assertThat(slots).doesNotHaveDuplicates().hasSizeGreaterThan(3_900);
    slots.forEach(deadlines::leave);
    assertThat(deadlines.enter(call(Duration.ofMinutes(1)), 0)).isEqualTo(slots.getFirst());
  }

  /** Parking fails only for the thread that checks the deadlines. */
  @ParameterizedTest
  @EnumSource
  void checksContinueAfterAnyError(Thrown what) {
    AtomicInteger failures = new AtomicInteger(3);
    Execution failing =
        new Execution() {
          @Override
          public long nanoTime() {
            return SYSTEM.nanoTime();
          }

          @Override
          public void parkNanos(Object blocker, long nanos) {
            if (failures.getAndDecrement() > 0) {
              what.now();
            }
            SYSTEM.parkNanos(blocker, nanos);
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
    Deadlines looking = new Deadlines(failing);
    looking.start();
    await().until(() -> failures.get() <= 0);
    int slot = looking.enter(call(Duration.ofNanos(1)), 1);
    assertThat(slot).isNotNegative();
    LockSupport.park();
    looking.leave(slot);
    looking.stop();
  }

  private static PendingCommand call(Duration allowed) {
    return new PendingCommand(Execution.SYSTEM, OneShard.get("a"), allowed);
  }
}
