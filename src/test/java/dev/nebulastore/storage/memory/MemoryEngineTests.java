package dev.nebulastore.storage.memory;

import static dev.nebulastore.storage.Submission.commit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.storage.BatchOf;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.StorageEngine.Condition;
import dev.nebulastore.storage.StorageEngine.Part;
import dev.nebulastore.storage.StorageEngineContract;
import dev.nebulastore.storage.Submission;
import dev.nebulastore.storage.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryEngineTests extends StorageEngineContract {

  /** The size of an entry with a one-letter key and an empty value of text/plain. */
  private static final long SMALLEST = Quota.OVERHEAD + 1L + "text/plain".length();

  @Override
  protected StorageEngine create() {
    return new MemoryEngine(Long.MAX_VALUE, START);
  }

  private static boolean write(ShardStore store, String key, int size) {
    Change change = put(store, key, size);
    boolean granted = store.reserve(Submission.latest(store, Key.of(key)), change);
    if (granted) {
      commit(store, change);
    }
    return granted;
  }

  @Test
  void refusesWhatDoesNotFitToTheByte() {
    try (MemoryEngine engine = new MemoryEngine(SMALLEST + 100, START)) {
      ShardStore store = engine.open(0, 1);
      assertThat(write(store, "a", 101)).isFalse();
      assertThat(engine.usage().bytes()).isZero();
      assertThat(write(store, "a", 100)).isTrue();
      assertThat(engine.usage().bytes()).isEqualTo(SMALLEST + 100);
      assertThat(store.quota()).isZero();
      assertThat(write(store, "b", 0)).isFalse();
      assertThat(write(store, "a", 100)).as("as large as before").isTrue();
      assertThat(write(store, "a", 50)).as("smaller than before").isTrue();
      assertThat(engine.usage().bytes()).isEqualTo(SMALLEST + 50);
      assertThat(store.quota()).isEqualTo(50);
      commit(store, new Change.Delete(Key.of("a"), store.revision().next(), START));
      assertThat(engine.usage().bytes()).isZero();
      assertThat(write(store, "b", 100)).isTrue();
    }
  }

  /** As if memory were short: the last write in the part of the second shard can't be applied. */
  @Test
  void aTransactionThatFailsHalfwayLeavesNothing() {
    try (MemoryEngine engine = new MemoryEngine(Long.MAX_VALUE, START)) {
      ShardStore one = engine.open(0, 1);
      ShardStore two = engine.open(1, 1);
      commit(one, put(one, "a", 1));
      commit(one, put(one, "gone", 1));
      Entry before = Submission.committed(one, Key.of("a"));
      long bytes = engine.usage().bytes();
      Submission first =
          Submission.of(
              one,
              List.of(
                  put(one, "a", 2),
                  new Change.Delete(Key.of("gone"), one.revision().next().next(), START)));
      Submission second = Submission.of(two, List.of(put(two, "b", 3)));
      List<Write> broken = new ArrayList<>(second.writes());
      broken.addAll(Arrays.asList(new Write[1]));
      List<Part> parts =
          List.of(new Part(one, 0, first), new Part(two, 0, new BatchOf(broken, second)));
      assertThatThrownBy(() -> engine.submit(parts)).isInstanceOf(NullPointerException.class);
      assertThat(first.isAccepted()).isFalse();
      assertThat(second.isAccepted()).isFalse();
      assertThat(Submission.committed(one, Key.of("a"))).isEqualTo(before);
      assertThat(Submission.committed(one, Key.of("gone"))).isNotNull();
      assertThat(Submission.committed(two, Key.of("b"))).isNull();
      assertThat(engine.usage().bytes()).isEqualTo(bytes);
      assertThat(engine.usage().entries()).isEqualTo(2);
      assertThat(engine.scan(KeyRange.ALL, START, 10).found()).hasSize(2);
      assertThat(engine.condition()).isEqualTo(Condition.WRITABLE);
    }
  }

  @Test
  void aTimeToLiveCountsUntilItIsRemoved() {
    try (MemoryEngine engine = new MemoryEngine(Long.MAX_VALUE, START)) {
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "a", 0, START.plusSeconds(1)));
      assertThat(engine.usage().bytes()).isEqualTo(SMALLEST + Quota.EXPIRY_OVERHEAD);
      commit(store, put(store, "a", 0));
      assertThat(engine.usage().bytes()).isEqualTo(SMALLEST);
    }
  }

  @Test
  void releasesTheRoomOfADeadGeneration() {
    try (MemoryEngine engine = new MemoryEngine(SMALLEST, START)) {
      ShardStore store = engine.open(0, 1);
      assertThat(store.reserve(null, put(store, "a", 0))).isTrue();
      assertThat(engine.usage().bytes()).isEqualTo(SMALLEST);
      engine.open(0, 2);
      assertThat(engine.usage().bytes()).isZero();
    }
  }

  @Test
  void boundHoldsExactlyWhenManyShardsWriteAtOnce() throws Exception {
    long size = SMALLEST + 2;
    long room = 100;
    MemoryEngine engine = new MemoryEngine(room * size + size - 1, START);
    try (engine;
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Long>> written = new ArrayList<>();
      for (int shard = 0; shard < 4; shard++) {
        ShardStore store = engine.open(shard, 1);
        int number = shard;
        written.add(
            threads.submit(() ->
                IntStream.range(10, 100)
                    .filter(i -> write(store, Integer.toString(number) + i, 0))
                    .count()));
      }
      long total = 0;
      for (Future<Long> count : written) {
        total += count.get();
      }
      assertThat(total).isEqualTo(room);
      assertThat(engine.usage().bytes()).isEqualTo(room * size);
    }
  }

  @Test
  void aLaterStartBeginsAboveAllEarlierRevisions() {
    try (MemoryEngine earlier = new MemoryEngine(Long.MAX_VALUE, START);
        MemoryEngine later = new MemoryEngine(Long.MAX_VALUE, START.plus(Duration.ofMillis(2)))) {
      ShardStore old = earlier.open(0, 1);
      for (int i = 0; i < 1_000; i++) {
        commit(old, put(old, "a", 0));
      }
      assertThat(later.open(0, 1).revision()).isGreaterThan(old.revision());
    }
  }

  @Test
  void entriesOfAllShardsAreCounted() {
    try (MemoryEngine engine = new MemoryEngine(Long.MAX_VALUE, START)) {
      ShardStore one = engine.open(0, 1);
      ShardStore two = engine.open(1, 1);
      Entry entry = entry(Key.of("a"), one.revision().next(), 7, null);
      commit(one, new Change.Put(entry));
      commit(two, put(two, "b", 5));
      assertThat(engine.usage().bytes()).isEqualTo(2 * SMALLEST + 12);
    }
  }
}
