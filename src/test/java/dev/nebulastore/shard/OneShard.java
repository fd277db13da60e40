package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.HookedEngine.Hold;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/**
 * A single shard over an engine with injected faults. A dead worker is replaced immediately.
 *
 * <p>Threads: thread-safe.
 */
final class OneShard implements AutoCloseable {

  static final int CAPACITY = 8;

  final HookedEngine engine = new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  final List<Change> changes = new CopyOnWriteArrayList<>();
  final List<Throwable> deaths = new CopyOnWriteArrayList<>();
  final ShardRegistry registry;
  final CommandGateway gateway;
  private final Shards shards;

  /** Runs before a worker is created, after its store was opened. */
  volatile Runnable onHire = () -> {};

  private final List<ShardWorker> made = new CopyOnWriteArrayList<>();
  private final Executor callers = task -> Thread.ofVirtual().start(task);

  OneShard() {
    this(Duration.ofMinutes(1), true);
  }

  OneShard(Duration deadline, boolean replaceTheDead) {
    shards =
        new Shards(
            new ShardEnvironment(
                Execution.SYSTEM,
                new ShardProperties(1, CAPACITY, deadline, Duration.ofSeconds(5), 512),
                engine,
                Clocks.over(InstantSource.system(), System::nanoTime),
                Shards.onCommitted((shard, committed) -> changes.addAll(committed))),
            context -> {
              onHire.run();
              ShardWorker worker = new ShardWorker(context);
              made.add(worker);
              return worker;
            });
    registry = shards.registry;
    gateway = shards.gateway;
    registry.place(key -> 0);
    registry.addListener(
        new ShardListener() {
          @Override
          public void serving(int shard, long generation) {}

          @Override
          public void died(int shard, long generation, Throwable cause) {
            deaths.add(cause);
            if (replaceTheDead) {
              registry.replace(shard, generation);
            }
          }
        });
    shards.start();
  }

  static Command put(String key, String value) {
    return new Command.Put(
        Key.of(key),
        Precondition.NONE,
        new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain"),
        null,
        false);
  }

  static Command putNew(String key, String value) {
    return new Command.Put(
        Key.of(key),
        new Precondition(null, Precondition.Versions.Any.ANY, null, null),
        new Value(value.getBytes(StandardCharsets.UTF_8), "text/plain"),
        null,
        false);
  }

  static Command get(String key) {
    return new Command.Get(Key.of(key), Precondition.NONE);
  }

  /** Offers a command that was created elsewhere to the current worker. */
  Mailbox.Offer offer(PendingCommand call) {
    return made.getLast().offer(call, Runnable::run);
  }

  /** Waits until the thread of a generation has ended. */
  void awaitEndOf(int generation) {
    await().until(() -> !made.get(generation - 1).alive());
  }

  /** Waits until the worker is idle. */
  void awaitIdle() {
    await().until(() -> !made.getLast().busy());
  }

  Outcome ask(Command command) {
    return gateway.ask(command);
  }

  /** Sends a command from its own thread. */
  CompletableFuture<Outcome> send(Command command) {
    return CompletableFuture.supplyAsync(() -> ask(command), callers);
  }

  /**
   * Sends commands from their own threads, and returns once all wait in the mailbox, in this order.
   */
  List<CompletableFuture<Outcome>> queue(Command... commands) {
    List<CompletableFuture<Outcome>> sent = new CopyOnWriteArrayList<>();
    int before = waiting();
    for (Command command : commands) {
      sent.add(send(command));
      await().until(() -> waiting() == before + sent.size());
    }
    return sent;
  }

  int waiting() {
    return registry.status(0).mailbox();
  }

  /** Holds the worker with a separate command, so that others queue up. */
  Hold hold() {
    Hold hold = engine.holdAt(Key.of("held"));
    held = send(get("held"));
    hold.awaitReached();
    return hold;
  }

  /** The command that holds the worker. */
  CompletableFuture<Outcome> held = new CompletableFuture<>();

  static String text(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Found.class);
    return new String(((Outcome.Found) outcome).entry().value().bytes(), StandardCharsets.UTF_8);
  }

  /** Stops the shard. */
  void stop() {
    shards.stop();
  }

  @Override
  public void close() {
    stop();
    engine.close();
  }
}
