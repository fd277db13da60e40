package dev.nebulastore.shard;

import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * A few shards over either engine. The first digit of a key is the number of its shard. Dead
 * workers are replaced immediately.
 *
 * <p>Threads: thread-safe.
 */
final class Table implements AutoCloseable {

  static final int SHARDS = 3;
  static final int CAPACITY = 1_000;

  /** The engines that tests use. */
  enum Engine {
    MEMORY,
    ROCKSDB
  }

  final HookedEngine engine;
  final ShardRegistry registry;
  final CommandGateway gateway;
  private final Shards shards;
  final Queue<Change> changes = new ConcurrentLinkedQueue<>();

  Table(Engine kind, Path folder) {
    this(kind, folder, Duration.ofSeconds(20));
  }

  Table(Engine kind, Path folder, Duration barrier) {
    this(Execution.SYSTEM, kind, folder, barrier);
  }

  Table(Execution execution, Engine kind, Path folder, Duration barrier) {
    engine =
        new HookedEngine(
            switch (kind) {
              case MEMORY -> MemoryEngines.create(Long.MAX_VALUE);
              case ROCKSDB -> RocksDbEngines.open(folder.resolve("data"));
            });
    shards =
        new Shards(
            new ShardEnvironment(
                execution,
                new ShardProperties(SHARDS, CAPACITY, Duration.ofSeconds(60), barrier, 512),
                engine,
                Clocks.over(InstantSource.system(), System::nanoTime),
                Shards.onCommitted((shard, made) -> changes.addAll(made))),
            ShardWorker::new);
    registry = shards.registry;
    gateway = shards.gateway;
    registry.place(Shards::byDigit);
    registry.addListener(
        new ShardListener() {
          @Override
          public void serving(int shard, long generation) {}

          @Override
          public void died(int shard, long generation, Throwable cause) {
            registry.replace(shard, generation);
          }
        });
    shards.start();
  }

  Outcome ask(Command command) {
    return gateway.ask(command);
  }

  TransactionOutcome transact(Transaction transaction) {
    return gateway.transact(transaction, ContentBudget.UNLIMITED);
  }

  /** The text of a key; empty if the key is absent. */
  String text(String key) {
    return text(ask(OneShard.get(key)));
  }

  static String text(Outcome outcome) {
    return outcome instanceof Outcome.Found(var entry)
        ? new String(entry.value().bytes(), StandardCharsets.UTF_8)
        : "";
  }

  /** The text that was put; empty if there is none. */
  static String text(Change change) {
    return change instanceof Change.Put(var entry)
        ? new String(entry.value().bytes(), StandardCharsets.UTF_8)
        : "";
  }

  /** A transaction without conditions. */
  static Transaction all(Command... commands) {
    return new Transaction(List.of(), List.of(commands), List.of());
  }

  static Command delete(String key) {
    return new Command.Delete(Key.of(key), Precondition.NONE);
  }

  /** Kills a worker, and returns once it was replaced. */
  void kill(int shard) {
    long generation = registry.kill(shard);
    await().pollInSameThread().until(() -> registry.status(shard).generation() > generation);
  }

  /** Runs a task on its own virtual thread. */
  static <T> CompletableFuture<T> start(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, run -> Thread.ofVirtual().start(run));
  }

  @Override
  public void close() {
    shards.stop();
    engine.close();
  }
}
