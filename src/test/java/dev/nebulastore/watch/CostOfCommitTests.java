package dev.nebulastore.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import dev.nebulastore.time.Execution;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The cost of a write for watchers does not depend on their number. */
class CostOfCommitTests {

  private static final int COMMITS = 20_000;

  private final WatchHub hub =
      new WatchHub(Execution.SYSTEM, new ChangeHistory(100, 1_000_000), 10_000, 1);

  private void watchers(int count) {
    for (int i = 0; i < count; i++) {
      hub.open(i % 2 == 0 ? WatchTarget.inKey(Key.of("key")) : WatchTarget.inPrefix("k"), null);
    }
  }

  /** The bytes that a thread allocates by committing. */
  private long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<Change> changes = List.of(Changes.put("key", 1));
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < COMMITS; i++) {
      hub.committed(0, changes);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void writesCostTheSameWithAThousandWatchers() {
    watchers(1);
    long warm = allocated();
    long one = allocated();
    watchers(999);
    long thousand = allocated();
    assertThat(thousand).as("after %d, then %d", warm, one).isLessThan(one + one / 2 + 100_000);
    assertThat(thousand / COMMITS).as("bytes per commit").isLessThan(100);
  }

  @Test
  void writesWakeOnlyTheDispatcher() throws Exception {
    watchers(1_000);
    hub.start();
    // Nobody can be woken meanwhile: the dispatcher needs this lock.
    hub.index().lock.lock();
    try {
      CompletableFuture<Long> writer = CompletableFuture.supplyAsync(this::allocated);
      writer.get(1, TimeUnit.MINUTES);
    } finally {
      hub.index().lock.unlock();
      hub.end();
    }
    assertThat(hub.historyChanges()).isEqualTo(100);
  }
}
