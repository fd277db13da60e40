package dev.nebulastore.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CanaryTests {

  private static final Duration PERIOD = Duration.ofMillis(25);

  private static void answers(Canary canary, int times) {
    for (int i = 1; i <= times; i++) {
      long expected = canary.ranNanos() + PERIOD.toNanos();
      canary.wake();
      await().pollInSameThread().until(() -> canary.ranNanos() == expected);
    }
  }

  @Test
  void eachAnswerStandsForOnePeriod() {
    Canary canary = new Canary(Thread.ofVirtual()::unstarted, PERIOD);
    assertThat(canary.ranNanos()).isZero();
    answers(canary, 5);
    canary.stop();
  }

  /** As if no carrier ran it. */
  @Test
  void silenceCountsForNothing() {
    CountDownLatch carrier = new CountDownLatch(1);
    Function<Runnable, Thread> late =
        task ->
            Thread.ofPlatform()
                .daemon()
                .unstarted(() -> {
                  try {
                    carrier.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  task.run();
                });
    Canary canary = new Canary(late, PERIOD);
    for (int i = 0; i < 100; i++) {
      canary.wake();
    }
    assertThat(canary.ranNanos()).isZero();
    carrier.countDown();
    await().until(() -> canary.ranNanos() == PERIOD.toNanos());
    answers(canary, 2);
    canary.stop();
  }

  @Test
  void deadCanariesAreReplaced() {
    List<Thread> made = new ArrayList<>();
    Canary canary =
        new Canary(
            task -> {
              Thread thread = Thread.ofVirtual().unstarted(made.isEmpty() ? () -> {} : task);
              made.add(thread);
              return thread;
            },
            PERIOD);
    canary.wake();
    await().until(() -> !made.getFirst().isAlive());
    canary.wake();
    assertThat(made).as("the unanswered one is still waiting").hasSize(2);
    await().until(() -> canary.ranNanos() == PERIOD.toNanos());
    canary.stop();
  }

  /** As if a context were paused and resumed. */
  @Test
  void stoppedCanariesStartAgainWhenWoken() {
    List<Thread> made = new ArrayList<>();
    Canary canary =
        new Canary(
            task -> {
              Thread thread = Thread.ofVirtual().unstarted(task);
              made.add(thread);
              return thread;
            },
            PERIOD);
    answers(canary, 1);
    canary.stop();
    await().until(() -> !made.getFirst().isAlive());
    answers(canary, 2);
    canary.stop();
  }

  @Test
  void measuresTheProcessorTimeOfTheProcess() {
    Canary canary = new Canary(Thread.ofVirtual()::unstarted, PERIOD);
    assertThat(canary.cpuNanos()).isPositive();
  }
}
