package dev.nebulastore.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.Thrown;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskHolder;
import org.springframework.test.context.TestConstructor;
import org.springframework.test.context.TestConstructor.AutowireMode;

@SpringBootTest(webEnvironment = WebEnvironment.NONE)
@TestConstructor(autowireMode = AutowireMode.ALL)
class SupervisionScheduleTests {

  private final ScheduledTaskHolder tasks;

  SupervisionScheduleTests(ScheduledTaskHolder tasks) {
    this.tasks = tasks;
  }

  @Test
  void looksAtItsInterval() {
    assertThat(tasks.getScheduledTasks())
        .extracting(task -> task.getTask().toString())
        .contains(ShardSupervisor.class.getName() + ".look", Canary.class.getName() + ".wake");
  }

  @ParameterizedTest
  @EnumSource
  void looksAgainAfterAnyFailure(Thrown what) throws Exception {
    ThreadPoolTaskScheduler scheduler = new SupervisionConfiguration().supervisionScheduler();
    scheduler.initialize();
    try {
      CountDownLatch looks = new CountDownLatch(3);
      AtomicReference<Thread> looking = new AtomicReference<>();
      var _ =
          scheduler.scheduleWithFixedDelay(
              () -> {
                looking.set(Thread.currentThread());
                looks.countDown();
                what.now();
              },
              Duration.ofMillis(1));
      assertThat(looks.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(looking.get().isVirtual()).isFalse();
      assertThat(looking.get().isDaemon()).isTrue();
    } finally {
      scheduler.shutdown();
    }
  }
}
