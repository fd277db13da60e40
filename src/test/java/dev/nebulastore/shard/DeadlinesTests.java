package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.storage.Thrown;
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

  private final Deadlines deadlines = new Deadlines(Execution.MACHINE);

  @AfterEach
  void stop() {
    deadlines.stop();
  }

  @Test
  void callerSeesToItItselfWhileNobodyLooks() {
    assertThat(deadlines.enter(call(Duration.ofMinutes(1)), 1)).isNegative();
  }

  @Test
  void overdueCallerIsWoken() {
    deadlines.start();
    PendingCommand call = call(Duration.ofNanos(1));
    int slot = deadlines.enter(call, 1);
    assertThat(slot).isNotNegative();
    // Comes back only when it is woken, now or before.
    LockSupport.park();
    deadlines.leave(slot);
  }

  @Test
  void eachWaitsInASlotOfItsOwnAndGivesItBack() {
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

  /** The thread that looks is the only one that has parking refused to it. */
  @ParameterizedTest
  @EnumSource
  void whateverIsThrownItGoesOnLooking(Thrown what) {
    AtomicInteger failures = new AtomicInteger(3);
    Execution failing =
        new Execution() {
          @Override
          public long nanoTime() {
            return MACHINE.nanoTime();
          }

          @Override
          public void parkNanos(Object blocker, long nanos) {
            if (failures.getAndDecrement() > 0) {
              what.now();
            }
            MACHINE.parkNanos(blocker, nanos);
          }

          @Override
          public Thread worker(String name, Runnable task) {
            return MACHINE.worker(name, task);
          }

          @Override
          public Thread watcher(String name, Runnable task) {
            return MACHINE.watcher(name, task);
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
    return new PendingCommand(Execution.MACHINE, OneShard.get("a"), allowed);
  }
}
