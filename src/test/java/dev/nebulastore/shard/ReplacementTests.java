package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live workers that are replaced under load, like stuck ones that continue at this moment. A
 * command without a response would wait for an hour.
 */
class ReplacementTests {

  private static final int REPLACEMENTS = Integer.getInteger("nebula.test.replacements", 1_000);
  private static final int WRITERS = 4;
  private static final int AT_ONCE = 32;

  @TempDir private Path folder;
  private final AtomicLong unknown = new AtomicLong();

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void eachCommandIsAnsweredInMemory() {
    replace(MemoryEngines.create(Long.MAX_VALUE));
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void eachCommandIsAnsweredOnDisk() {
    replace(RocksDbEngines.open(folder.resolve("data")));
  }

  private void replace(StorageEngine engine) {
    Shards shards = Shards.create(1, engine, Duration.ofHours(1));
    shards.start();
    CompletableFuture<Void> replacing =
        CompletableFuture.runAsync(() -> {
          for (int i = 1; i <= REPLACEMENTS; i++) {
            long progress = shards.registry.status(0).progress();
            while (shards.registry.status(0).progress() == progress) {
              Thread.onSpinWait();
            }
            assertThat(shards.registry.replace(0, i)).isTrue();
          }
        });
    List<CompletableFuture<Void>> load =
        IntStream.range(0, WRITERS)
            .mapToObj(writer ->
                CompletableFuture.runAsync(
                    () -> write(shards, "w" + writer, replacing),
                    task -> Thread.ofVirtual().start(task)))
            .toList();
    replacing.join();
    load.forEach(CompletableFuture::join);
    assertThat(unknown).as("one call in flight at a time").hasValueLessThanOrEqualTo(REPLACEMENTS);
    shards.stop();
    engine.close();
  }

  private void write(Shards shards, String key, CompletableFuture<Void> until) {
    while (!until.isDone()) {
      List<CommandGateway.Pending> begun = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        begun.add(
            shards.gateway.begin(
                OneShard.put(key, ""), ContentBudget.UNLIMITED, null, Runnable::run));
      }
      for (CommandGateway.Pending pending : begun) {
        try {
          var _ = pending.await();
        } catch (OutcomeUnknown e) {
          unknown.incrementAndGet();
        }
      }
    }
  }
}
