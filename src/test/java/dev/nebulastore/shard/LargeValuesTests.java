package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.NoMemory;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Transaction.Condition;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.Purse;
import dev.nebulastore.storage.rocksdb.RocksDbEngines;
import dev.nebulastore.time.Execution;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only commands that need a large value read it, and its memory is reserved first. */
class LargeValuesTests {

  private static final int SIZE = 100_000;
  private static final Key KEY = Key.of("a");
  private static final Precondition SEEN = versions(null, new Versions.OneOf(Set.of()));

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private HookedEngine engine;

  @SuppressWarnings("NullAway.Init")
  private Shards shards;

  private final Purse purse = new Purse();

  @BeforeEach
  void start() {
    engine = new HookedEngine(RocksDbEngines.open(folder.resolve("data")));
    shards = Shards.create(1, engine);
    shards.start();
    var _ = ask(put(Precondition.NONE, SIZE));
  }

  @AfterEach
  void stop() {
    shards.stop();
    engine.close();
  }

  private static Precondition versions(@Nullable Versions match, @Nullable Versions noneMatch) {
    return new Precondition(match, noneMatch, null, null);
  }

  private static Command put(Precondition precondition, int size) {
    return new Command.Put(KEY, precondition, new Value(new byte[size], "a/b"), null, false);
  }

  private static Command touch() {
    return new Command.Touch(KEY, Precondition.NONE, Duration.ofHours(1));
  }

  private Outcome ask(Command command) {
    return begin(command, purse).await();
  }

  private CommandGateway.Pending begin(Command command, ContentBudget budget) {
    return shards.gateway.begin(command, budget, null, Runnable::run);
  }

  private TransactionOutcome transact(Precondition precondition, Command... commands) {
    return shards.gateway.transact(
        new Transaction(List.of(new Condition(KEY, precondition)), List.of(commands), List.of()),
        purse);
  }

  private Revision revision() {
    return ((Outcome.Found) begin(get(SEEN), ContentBudget.UNLIMITED).await()).entry().revision();
  }

  private static Command get(Precondition precondition) {
    return new Command.Get(KEY, precondition);
  }

  @Test
  void writesAndConditionsReadNoValues() {
    Versions current = new Versions.OneOf(Set.of(revision()));
    Versions other = new Versions.OneOf(Set.of(new Revision(1L << 40)));
    assertThat(ask(get(versions(null, current)))).isInstanceOf(Outcome.NotModified.class);
    assertThat(ask(get(versions(other, null)))).isInstanceOf(Outcome.PreconditionFailed.class);
    assertThat(ask(put(versions(other, null), 1))).isInstanceOf(Outcome.PreconditionFailed.class);
    assertThat(ask(new Command.Expire(KEY))).isEqualTo(new Outcome.Deleted(false));
    assertThat(ask(put(versions(current, null), SIZE))).isInstanceOf(Outcome.Replaced.class);
    assertThat(transact(versions(Versions.Any.ANY, null), put(Precondition.NONE, SIZE)))
        .isInstanceOf(Committed.class);
    assertThat(ask(new Command.Delete(KEY, Precondition.NONE)))
        .isEqualTo(new Outcome.Deleted(true));
    assertThat(purse.log()).isEmpty();
  }

  private void assertPaidOnce() {
    assertThat(purse.log()).hasSize(2);
    purse.log().clear();
  }

  @Test
  void readsAndTouchesPayOnce() {
    assertThat(((Outcome.Found) ask(get(Precondition.NONE))).entry().value().bytes()).hasSize(SIZE);
    assertPaidOnce();
    assertThat(((Outcome.Found) ask(get(SEEN))).entry().value().bytes()).hasSize(SIZE);
    assertPaidOnce();
    assertThat(((Outcome.Touched) ask(touch())).entry().value().bytes()).hasSize(SIZE);
    assertPaidOnce();
    Committed read =
        (Committed) transact(versions(Versions.Any.ANY, null), get(Precondition.NONE), touch());
    assertThat(read.results().getFirst()).isInstanceOf(Outcome.Found.class);
    assertThat(((Outcome.Touched) read.results().getLast()).entry().value().isRead()).isTrue();
    assertPaidOnce();
  }

  @Test
  void nothingChangesWithoutMemory() {
    Revision before = revision();
    purse.empty();
    assertThatThrownBy(() -> ask(get(Precondition.NONE))).isInstanceOf(NoMemory.class);
    assertThatThrownBy(() -> ask(touch())).isInstanceOf(NoMemory.class);
    assertThatThrownBy(() -> transact(versions(null, null), get(SEEN), put(Precondition.NONE, 1)))
        .isInstanceOf(NoMemory.class);
    assertThat(revision()).isEqualTo(before);
  }

  private void runFetch() throws Exception {
    Runnable fetch = engine.fetches().poll(1, TimeUnit.MINUTES);
    if (fetch == null) {
      throw new TimeoutException();
    }
    fetch.run();
  }

  /** The touch is fetched a second time when it turns out to need the value. */
  @Test
  void writesBehindATouchWaitForItsValue() throws Exception {
    engine.onDisk(KEY);
    var touched = begin(touch(), purse);
    var put = begin(put(Precondition.NONE, 1), purse);
    runFetch();
    runFetch();
    Entry first = ((Outcome.Touched) touched.await()).entry();
    Entry second = ((Outcome.Replaced) put.await()).entry();
    engine.inMemory(KEY);
    assertThat(second.revision()).isEqualTo(first.revision().next());
    assertThat(((Outcome.Found) ask(get(SEEN))).entry().value().size()).isEqualTo(1);
  }

  @Test
  void writesBehindAFailedTouchAreDecided() throws Exception {
    engine.onDisk(KEY);
    var touched = begin(touch(), new Purse().empty());
    var put = begin(put(Precondition.NONE, 1), purse);
    runFetch();
    runFetch();
    runFetch();
    assertThatThrownBy(touched::await).isInstanceOf(NoMemory.class);
    assertThat(put.await()).isInstanceOf(Outcome.Replaced.class);
  }

  /**
   * The memory of a command in the mailbox of a stuck worker is no longer counted by its request.
   */
  @Test
  void overdueWritesReleaseTheirValues() {
    PendingCommand call =
        new PendingCommand(Execution.SYSTEM, put(Precondition.NONE, SIZE), Duration.ZERO);
    assertThat(call.move(Stage.FREE, Stage.withdrawn(0))).isTrue();
    assertThatThrownBy(call::poll).isInstanceOf(RuntimeException.class);
    assertThat(call.command()).isEqualTo(new Command.Expire(KEY));
  }
}
