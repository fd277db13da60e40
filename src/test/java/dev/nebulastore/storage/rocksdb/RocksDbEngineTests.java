package dev.nebulastore.storage.rocksdb;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.StorageEngineContract;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbEngineTests extends StorageEngineContract {

  @TempDir private Path folder;
  private final AtomicInteger engines = new AtomicInteger();

  @Override
  protected StorageEngine create() {
    return RocksDbEngines.open(folder.resolve("data-" + engines.incrementAndGet()));
  }

  private StorageEngine open() {
    return RocksDbEngines.open(folder.resolve("data"));
  }

  @Test
  void holdsWhatWasCommittedBeforeItWasClosed() {
    Instant later = START.plusSeconds(60);
    Change put;
    try (StorageEngine engine = open()) {
      ShardStore store = engine.open(0, 1);
      put = put(store, "a", 3, later);
      commit(store, put);
      commit(store, put(store, "deleted", 3, START));
      commit(store, new Change.Delete(Key.of("deleted"), store.revision().next(), START));
    }
    try (StorageEngine engine = open()) {
      ShardStore store = engine.open(7, 1);
      assertThat(committed(store, Key.of("a"))).isEqualTo(((Change.Put) put).entry());
      assertThat(committed(store, Key.of("deleted"))).isNull();
      assertThat(engine.usage().entries()).isEqualTo(1);
      assertThat(engine.expired(later, null, 10)).containsExactly(new Expiry(later, Key.of("a")));
    }
  }

  @Test
  void theLatestTimeOfAChangeOutlivesTheProcess() {
    Instant latest = START.plusSeconds(7_200);
    try (StorageEngine engine = open()) {
      assertThat(engine.lastTime()).isEqualTo(Instant.EPOCH);
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "a", 1));
      assertThat(engine.lastTime()).isEqualTo(START);
      commit(store, new Change.Delete(Key.of("a"), store.revision().next(), latest));
      commit(store, put(store, "a", 1));
      assertThat(engine.lastTime()).as("the latest, not the last").isEqualTo(latest);
    }
    try (StorageEngine engine = open()) {
      assertThat(engine.lastTime()).isEqualTo(latest);
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "a", 1));
      assertThat(engine.lastTime()).isEqualTo(latest);
    }
  }

  @Test
  void theAppliedRevisionOutlivesTheProcess() {
    Revision last;
    try (StorageEngine engine = open()) {
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "a", 1));
      commit(store, new Change.Delete(Key.of("a"), store.revision().next(), START));
      last = store.revision();
    }
    try (StorageEngine engine = open()) {
      assertThat(engine.applied()).isEqualTo(last);
      assertThat(engine.open(0, 1).revision()).isGreaterThan(last);
    }
  }

  @Test
  void theSecretOutlivesTheProcess() {
    byte[] secret;
    try (StorageEngine engine = open()) {
      secret = engine.secret();
    }
    try (StorageEngine engine = open()) {
      assertThat(engine.secret()).isEqualTo(secret);
    }
  }

  @Test
  void aScanEndsEarlyWhereValuesAreLarge() {
    try (StorageEngine engine = open()) {
      ShardStore store = engine.open(0, 1);
      for (int i = 0; i < 20; i++) {
        commit(store, put(store, "k%02d".formatted(i), 1 << 20));
      }
      ScanPage page = engine.scan(KeyRange.ALL, START, 100);
      assertThat(page.found()).hasSize(8);
      assertThat(page.rest()).isNotNull();
    }
  }

  @Test
  void revisionsExceedAllOfThePreviousStart() {
    Revision last;
    try (StorageEngine engine = open()) {
      ShardStore one = engine.open(0, 1);
      ShardStore two = engine.open(1, 1);
      for (int i = 0; i < 10; i++) {
        commit(one, put(one, "a", 1));
      }
      commit(two, put(two, "b", 1));
      last = one.revision();
    }
    for (int i = 0; i < 3; i++) {
      try (StorageEngine engine = open()) {
        ShardStore store = engine.open(1, 1);
        assertThat(store.revision()).isGreaterThanOrEqualTo(last);
        commit(store, put(store, "a", 1));
        assertThat(store.revision()).isGreaterThan(last);
        last = store.revision();
      }
    }
  }
}
