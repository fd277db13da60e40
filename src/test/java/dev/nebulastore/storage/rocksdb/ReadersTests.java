package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadersTests {

  private static final long FAST = 10_000;
  private static final long SLOW = 10_000_000;

  private final AtomicLong now = new AtomicLong();
  private final Readers readers = new Readers(1, now::get);

  @AfterEach
  void close() {
    readers.close();
  }

  private void readFor(long nanos) {
    CompletableFuture<Long> read = new CompletableFuture<>();
    readers.begin(
        () -> now.addAndGet(nanos),
        new Readers.Reader<>() {
          @Override
          public void found(Long found) {
            read.complete(found);
          }

          @Override
          public void failed(Throwable e) {
            read.completeExceptionally(e);
          }
        });
    read.join();
  }

  @Test
  void oneSlowReadIsNoticedAtOnce() {
    for (int i = 0; i < 100; i++) {
      readFor(FAST);
    }
    assertThat(readers.areFast()).isTrue();
    readFor(SLOW);
    assertThat(readers.areFast()).isFalse();
  }

  @Test
  void readsAreFastAgainAfterManyFastOnes() {
    readFor(SLOW);
    for (int i = 0; i < 100; i++) {
      readFor(FAST);
    }
    assertThat(readers.areFast()).isTrue();
  }
}
