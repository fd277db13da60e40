package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.Thrown;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResilientEndpointTests {

  @ParameterizedTest
  @EnumSource
  void taskIsRunAgainWhateverItThrows(Thrown what) throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    Runnable task =
        () -> {
          if (runs.incrementAndGet() < 4) {
            what.now();
          }
          ended.countDown();
        };
    Thread thread = Thread.ofPlatform().unstarted(task);
    thread.setUncaughtExceptionHandler(ResilientEndpoint.goingOn(task, () -> true));
    thread.start();
    assertThat(ended.await(1, TimeUnit.MINUTES)).isTrue();
    thread.join();
    assertThat(runs).hasValue(4);
  }

  @Test
  void taskIsNotRunAgainWhenTheServerStops() {
    AtomicInteger runs = new AtomicInteger();
    ResilientEndpoint.goingOn(runs::incrementAndGet, () -> false)
        .uncaughtException(Thread.currentThread(), new OutOfMemoryError("thrown by a test"));
    assertThat(runs).hasValue(0);
  }

  /** Should Tomcat name its threads otherwise one day, this is how we learn of it. */
  @Test
  void bothOfTomcatsThreadsAreLookedAfter() throws Exception {
    ResilientEndpoint endpoint = new ResilientEndpoint();
    endpoint.setName("resilient");
    endpoint.setPort(0);
    endpoint.init();
    endpoint.start();
    try {
      Thread[] threads = new Thread[Thread.activeCount() + 16];
      int count = Thread.enumerate(threads);
      int looked = 0;
      for (int i = 0; i < count; i++) {
        if (threads[i].getName().matches("resilient-(Acceptor|Poller)")) {
          assertThat(threads[i].getUncaughtExceptionHandler()).isNotInstanceOf(ThreadGroup.class);
          looked++;
        }
      }
      assertThat(looked).isEqualTo(2);
    } finally {
      endpoint.stop();
      endpoint.destroy();
    }
  }
}
