package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTests {

  private final Deadlines deadlines = new Deadlines(Pace.MACHINE);

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
    Call call = call(Duration.ofNanos(1));
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

  private static Call call(Duration allowed) {
    return new Call(Pace.MACHINE, OneShard.get("a"), allowed);
  }
}
