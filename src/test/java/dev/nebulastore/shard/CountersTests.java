package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Concurrent additions: no update is lost, and each caller gets a number of its own. */
class CountersTests {

  private static final int CALLERS = 8;
  private static final int EACH = 50;
  private static final long ALL = (long) CALLERS * EACH;
  private static final Key COUNTER = Key.of("counter");
  private static final Command ADD = new Command.Add(COUNTER, Precondition.NONE, 1, null);

  /** The engines that must behave alike. */
  enum Engine {
    MEMORY,
    ROCKSDB
  }

  @TempDir private Path folder;

  private StorageEngine open(Engine engine) {
    return switch (engine) {
      case MEMORY -> MemoryEngines.create(Long.MAX_VALUE);
      case ROCKSDB -> RocksDbEngines.open(folder.resolve("data"));
    };
  }

  /** Some commands of a caller are in flight together. */
  private static Stream<Long> commands(Shards shards) {
    List<CommandGateway.Pending> begun =
        IntStream.range(0, EACH)
            .mapToObj(i -> shards.gateway.begin(ADD, ContentBudget.UNLIMITED, null, Runnable::run))
            .toList();
    return begun.stream().map(CommandGateway.Pending::await).map(CountersTests::number);
  }

  /** A transaction over two shards adds on top of what is submitted and not committed. */
  private static Stream<Long> transactions(Shards shards) {
    Command other = new Command.Add(Key.of("1other"), Precondition.NONE, 1, null);
    Transaction transaction = new Transaction(List.of(), List.of(ADD, other), List.of());
    return IntStream.range(0, EACH)
        .mapToObj(i -> shards.gateway.transact(transaction, ContentBudget.UNLIMITED))
        .map(outcome -> number(((TransactionOutcome.Committed) outcome).results().getFirst()));
  }

  private static long number(Outcome outcome) {
    byte[] value = ((Outcome.Added) outcome).entry().value().bytes();
    return Long.parseLong(new String(value, java.nio.charset.StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @EnumSource
  void everyAdditionCountsOnce(Engine kind) {
    try (StorageEngine engine = open(kind)) {
      Shards shards = Shards.create(2, engine);
      shards.start();
      List<CompletableFuture<List<Long>>> callers =
          IntStream.range(0, CALLERS)
              .mapToObj(caller ->
                  CompletableFuture.supplyAsync(
                      () -> (caller == 0 ? transactions(shards) : commands(shards)).toList(),
                      task -> Thread.ofVirtual().start(task)))
              .toList();
      List<Long> numbers = callers.stream().flatMap(caller -> caller.join().stream()).toList();
      assertThat(numbers)
          .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, ALL).boxed().toList());
      assertThat(OneShard.text(shards.gateway.ask(OneShard.get("counter")))).isEqualTo("" + ALL);
      shards.stop();
    }
    if (kind == Engine.ROCKSDB) {
      assertThat(afterRestart()).isEqualTo(Map.of("counter", ALL + 1, "1other", EACH + 1L));
    }
  }

  /** What is added to is on the disk then, as a value like any other. */
  private Map<String, Long> afterRestart() {
    try (StorageEngine engine = open(Engine.ROCKSDB)) {
      Shards shards = Shards.create(2, engine);
      shards.start();
      Command other = new Command.Add(Key.of("1other"), Precondition.NONE, 1, null);
      Map<String, Long> numbers =
          Map.of(
              "counter",
              number(shards.gateway.ask(ADD)),
              "1other",
              number(shards.gateway.ask(other)));
      shards.stop();
      return numbers;
    }
  }
}
