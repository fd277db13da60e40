package dev.nebulastore.shard;

import static dev.nebulastore.shard.OneShard.get;
import static dev.nebulastore.shard.OneShard.put;
import static dev.nebulastore.shard.Table.all;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.history.Linearizability;
import dev.nebulastore.history.Linearizability.Operation;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Transaction.Condition;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.shard.Table.Engine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Concurrent transactions and single commands, with or without workers that die. */
class SerialisabilityTests {

  private static final int ROUNDS = Integer.getInteger("nebula.test.rounds", 40);
  private static final long SEED = Long.getLong("nebula.test.seed", 7);

  @TempDir private Path folder;

  /** Kills workers in turn until it is stopped. */
  private static CompletableFuture<Integer> killer(Table table, AtomicBoolean stop, boolean kills) {
    return Table.start(() -> {
      int killed = 0;
      while (kills && !stop.get()) {
        table.kill(killed++ % Table.SHARDS);
      }
      return killed;
    });
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, false", "MEMORY, true", "ROCKSDB, false", "ROCKSDB, true"})
  void transfersKeepTheTotal(Engine engine, boolean kills) {
    int accounts = 6;
    try (Table table = new Table(engine, folder)) {
      for (int i = 0; i < accounts; i++) {
        table.ask(put(account(i), "100"));
      }
      AtomicBoolean stop = new AtomicBoolean();
      var killing = killer(table, stop, kills);
      List<CompletableFuture<Integer>> clients =
          IntStream.range(0, 4)
              .mapToObj(
                  client -> Table.start(() -> transfer(table, accounts, new Random(SEED + client))))
              .toList();
      int moved = clients.stream().mapToInt(CompletableFuture::join).sum();
      stop.set(true);
      assertThat(killing.join()).satisfies(killed -> assertThat(killed > 0).isEqualTo(kills));
      assertThat(moved).isPositive();
      assertThat(total(table, accounts)).isEqualTo(100 * accounts);
    }
  }

  private static String account(int i) {
    return i % Table.SHARDS + "account" + i;
  }

  /** Reads two accounts, and transfers an amount between them if neither has changed. */
  private static int transfer(Table table, int accounts, Random random) {
    int moved = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String from = account(random.nextInt(accounts));
      String to = account(random.nextInt(accounts));
      if (from.equals(to)) {
        continue;
      }
      if (i % 8 == 0) {
        assertThat(total(table, accounts)).isEqualTo(100 * accounts);
      }
      Outcome.Found payer = (Outcome.Found) table.ask(get(from));
      Outcome.Found payee = (Outcome.Found) table.ask(get(to));
      int amount = random.nextInt(10);
      Transaction transaction =
          new Transaction(
              List.of(at(from, payer), at(to, payee)),
              List.of(
                  put(from, Integer.toString(Integer.parseInt(Table.text(payer)) - amount)),
                  put(to, Integer.toString(Integer.parseInt(Table.text(payee)) + amount))),
              List.of());
      if (((Committed) table.transact(transaction)).succeeded()) {
        moved++;
      }
    }
    return moved;
  }

  private static Condition at(String key, Outcome.Found found) {
    Revision revision = found.entry().revision();
    return new Condition(
        Key.of(key), new Precondition(new Versions.OneOf(Set.of(revision)), null, null, null));
  }

  private static int total(Table table, int accounts) {
    Command[] reads =
        IntStream.range(0, accounts).mapToObj(i -> get(account(i))).toArray(Command[]::new);
    return ((Committed) table.transact(all(reads)))
        .results().stream().mapToInt(found -> Integer.parseInt(Table.text(found))).sum();
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, false", "MEMORY, true", "ROCKSDB, true"})
  void historiesOfCommandsAndTransactionsAreLinearizable(Engine engine, boolean kills) {
    try (Table table = new Table(engine, folder)) {
      AtomicBoolean stop = new AtomicBoolean();
      var killing = killer(table, stop, kills);
      for (int round = 0; round < ROUNDS; round++) {
        long seed = SEED * 1_000 + round;
        List<Operation<Map<String, String>>> history = record(table, round, seed);
        assertThat(Linearizability.holds(Map.of(), history))
            .as("seed %d: %s", seed, history)
            .isTrue();
      }
      stop.set(true);
      killing.join();
    }
  }

  private static List<Operation<Map<String, String>>> record(Table table, int round, long seed) {
    AtomicLong clock = new AtomicLong();
    List<CompletableFuture<List<Operation<Map<String, String>>>>> clients = new ArrayList<>();
    for (int client = 0; client < 4; client++) {
      Client one = new Client(table, "k" + round, "c" + client, clock, new Random(seed + client));
      clients.add(Table.start(one::run));
    }
    return clients.stream().flatMap(client -> client.join().stream()).toList();
  }

  /** Executes a few operations on three keys, one in each shard, and records what it observed. */
  private record Client(Table table, String name, String me, AtomicLong clock, Random random) {

    List<Operation<Map<String, String>>> run() {
      List<Operation<Map<String, String>>> history = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        String value = me + i;
        String key = key();
        switch (random.nextInt(6)) {
          case 0 -> history.add(note("read", () -> read(table.text(key), key)));
          case 1 ->
              history.add(
                  note(
                      "write " + value,
                      () -> {
                        table.ask(put(key, value));
                        return state -> Optional.of(with(state, key, value));
                      }));
          case 2 -> history.add(note("read all", this::readAll));
          case 3 -> history.add(note("write all " + value, () -> writeAll(value)));
          case 4 -> history.add(note("swap", () -> ifAbsent(key, key(), value)));
          default ->
              history.add(
                  note(
                      "delete",
                      () -> {
                        table.ask(Table.delete(key));
                        return state -> Optional.of(with(state, key, ""));
                      }));
        }
      }
      return history;
    }

    private String key() {
      return random.nextInt(Table.SHARDS) + name;
    }

    private interface Act {
      Function<Map<String, String>, Optional<Map<String, String>>> act();
    }

    /** No outcome can be unknown: nothing is in flight here when a worker dies. */
    private Operation<Map<String, String>> note(String what, Act act) {
      long called = clock.incrementAndGet();
      while (true) {
        try {
          var step = act.act();
          return new Operation<>(me + " " + what, called, clock.incrementAndGet(), step);
        } catch (ShardFailure e) {
          assertThat(e.applied()).as(e.toString()).isEqualTo(Applied.NO);
        }
      }
    }

    private static Map<String, String> with(Map<String, String> state, String key, String value) {
      Map<String, String> next = new HashMap<>(state);
      next.put(key, value);
      return Map.copyOf(next);
    }

    private static Function<Map<String, String>, Optional<Map<String, String>>> read(
        String seen, String key) {
      return state ->
          state.getOrDefault(key, "").equals(seen) ? Optional.of(state) : Optional.empty();
    }

    private Function<Map<String, String>, Optional<Map<String, String>>> readAll() {
      Committed done =
          (Committed) table.transact(all(get("0" + name), get("1" + name), get("2" + name)));
      return state -> {
        for (int shard = 0; shard < Table.SHARDS; shard++) {
          String seen = Table.text(done.results().get(shard));
          if (!state.getOrDefault(shard + name, "").equals(seen)) {
            return Optional.empty();
          }
        }
        return Optional.of(state);
      };
    }

    private Function<Map<String, String>, Optional<Map<String, String>>> writeAll(String value) {
      table.transact(all(put("2" + name, value), put("0" + name, value), put("1" + name, value)));
      return state ->
          Optional.of(
              with(with(with(state, "0" + name, value), "1" + name, value), "2" + name, value));
    }

    /** Writes one key if the other is absent. */
    private Function<Map<String, String>, Optional<Map<String, String>>> ifAbsent(
        String absent, String key, String value) {
      Precondition none = new Precondition(null, Versions.Any.ANY, null, null);
      Committed done =
          (Committed)
              table.transact(
                  new Transaction(
                      List.of(new Condition(Key.of(absent), none)),
                      List.of(put(key, value)),
                      List.of()));
      return state ->
          state.getOrDefault(absent, "").isEmpty() != done.succeeded()
              ? Optional.empty()
              : Optional.of(done.succeeded() ? with(state, key, value) : state);
    }
  }
}
