package dev.nebulastore.http.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.Thrown;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResilientEndpointTests {

  @ParameterizedTest
  @EnumSource
  void tasksRunAgainWhateverTheyThrow(Thrown what) throws Exception {
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
  void tasksDoNotRunAgainAfterAStop() {
    AtomicInteger runs = new AtomicInteger();
    ResilientEndpoint.goingOn(runs::incrementAndGet, () -> false)
        .uncaughtException(Thread.currentThread(), new OutOfMemoryError("thrown by a test"));
    assertThat(runs).hasValue(0);
  }

  /** Fails if a later version of Tomcat names its threads differently. */
  @Test
  void bothTomcatThreadsAreResilient() throws Exception {
    BoundedProtocol protocol = new BoundedProtocol();
    protocol.setAdapter(new CoyoteAdapter(new Connector(protocol)));
    protocol.setPort(0);
    protocol.init();
    long before = lookedAfter();
    protocol.start();
    try {
      assertThat(lookedAfter() - before).isEqualTo(2);
    } finally {
      protocol.stop();
      protocol.destroy();
    }
  }

  /** The number of Tomcat's threads with their own handler; other servers may be running too. */
  private static long lookedAfter() {
    Thread[] threads = new Thread[Thread.activeCount() + 16];
    int count = Thread.enumerate(threads);
    return Arrays.stream(threads, 0, count)
        .filter(thread -> thread.getName().matches("http-nio-.*-(Acceptor|Poller)"))
        .filter(thread -> !(thread.getUncaughtExceptionHandler() instanceof ThreadGroup))
        .count();
  }
}
