package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.Test;

class SpareCarrierTests {

  private final AtomicLong now = new AtomicLong();
  private final List<Integer> carriers = new ArrayList<>();
  private final SpareCarrier spare = new SpareCarrier(carriers::add, now::get);

  @Test
  void isAddedOnce() {
    spare.need();
    spare.need();
    assertThat(carriers).containsExactly(2);
  }

  @Test
  void isRemovedAfterASecondWithoutUse() {
    spare.need();
    now.addAndGet(SpareCarrier.KEPT_NANOS - 1);
    spare.takeBack();
    spare.need();
    now.addAndGet(SpareCarrier.KEPT_NANOS - 1);
    spare.takeBack();
    assertThat(carriers).containsExactly(2);
    now.incrementAndGet();
    spare.takeBack();
    spare.takeBack();
    assertThat(carriers).containsExactly(2, 1);
  }

  @Test
  void isAddedAgainAfterRemoval() {
    spare.need();
    now.addAndGet(SpareCarrier.KEPT_NANOS);
    spare.takeBack();
    spare.need();
    assertThat(carriers).containsExactly(2, 1, 2);
  }

  @Test
  void isAddedForLoopsThatUseUpTheirSlice() {
    TimeSlice slice = new TimeSlice(now::get, _ -> {}, new LoopBudget(1, spare));
    slice.check();
    assertThat(carriers).isEmpty();
    now.addAndGet(TimeSlice.NANOS);
    slice.check();
    assertThat(carriers).containsExactly(2);
  }

  @Test
  void isAddedForRequestsThatGiveWay() throws InterruptedException {
    try (ComputeThreads compute = new ComputeThreads(1, spare)) {
      Thread.ofVirtual().start(compute::giveWay).join();
    }
    assertThat(carriers).containsExactly(2);
  }

  @Test
  void schedulerAcceptsTheNumber() {
    var scheduler = ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    int usual = scheduler.getParallelism();
    scheduler.setParallelism(usual);
    assertThat(scheduler.getParallelism()).isEqualTo(usual);
  }
}
