package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComputeThreadsTests {

  private static final long LARGE = ComputeThreads.SMALL + 1;

  private final ComputeThreads compute = new ComputeThreads(2, SpareCarrier.none());

  @AfterEach
  void end() {
    compute.close();
  }

  private Thread thread(long size) {
    return compute.run(size, Thread::currentThread);
  }

  @Test
  void largeWorkRunsOnPlatformThreads() throws InterruptedException {
    Thread virtual =
        Thread.ofVirtual()
            .start(() -> {
              assertThat(thread(ComputeThreads.SMALL)).isSameAs(Thread.currentThread());
              assertThat(thread(LARGE).isVirtual()).isFalse();
            });
    virtual.join();
    assertThat(thread(LARGE).getName()).startsWith("compute-");
  }

  @Test
  void threadsLimitConcurrentWork() throws InterruptedException {
    AtomicInteger running = new AtomicInteger();
    CountDownLatch two = new CountDownLatch(2);
    CountDownLatch go = new CountDownLatch(1);
    Supplier<Integer> work =
        () -> {
          int now = running.incrementAndGet();
          two.countDown();
          await(go);
          running.decrementAndGet();
          return now;
        };
    List<Integer> most = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                int now = compute.run(LARGE, work);
                synchronized (most) {
                  most.add(now);
                }
              }));
    }
    await(two);
    go.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(most).hasSize(8).allMatch(now -> now <= 2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void exceptionsReachTheCallerAndThreadsSurvive() {
    for (Throwable thrown :
        List.of(
            new IllegalStateException(),
            new OutOfMemoryError(),
            new StackOverflowError(),
            new Error("of our own"))) {
      assertThatThrownBy(() -> compute.run(LARGE, () -> raise(thrown))).isSameAs(thrown);
    }
    assertThat(compute.run(LARGE, () -> "done")).isEqualTo("done");
  }

  private static String raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  @Test
  void interruptedCallersGetTheirResult() throws InterruptedException {
    AtomicInteger result = new AtomicInteger();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              Thread.currentThread().interrupt();
              result.set(compute.run(LARGE, () -> 7));
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
    caller.join();
    assertThat(result).hasValue(7);
  }
}
