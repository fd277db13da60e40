package dev.nebulastore.shard;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.Stopping;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.storage.StorageEngine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The way in to the shards: executes commands and transactions where their keys live, and reads
 * across all shards.
 *
 * <p>Threads: safe for all.
 */
public final class CommandGateway implements SmartLifecycle {

  private final ShardRegistry registry;
  private final StorageEngine engine;
  private final InstantSource time;
  private final Duration deadline;
  private final boolean settlesAtOnce;
  private final CommandDispatcher dispatcher;
  private final Transactor transactor;
  private final Deadlines deadlines;
  private final AnswerWaiter waiter;
  private volatile boolean running;

  CommandGateway(ShardEnvironment environment, ShardRegistry registry) {
    this.registry = registry;
    this.engine = environment.engine();
    this.time = environment.time();
    this.deadline = environment.properties().deadline();
    this.settlesAtOnce = engine.settlesAtOnce();
    Slots slots = registry.slots();
    this.dispatcher =
        new CommandDispatcher(environment.execution(), slots, registry.currentPlacement());
    this.transactor = new Transactor(environment, slots::offer, registry.currentPlacement());
    this.deadlines = new Deadlines(environment.execution());
    this.waiter = new AnswerWaiter(deadlines);
  }

  /** A command that a shard has accepted, for the thread that began it. */
  public final class Pending {
    private final PendingCommand call;

    private Pending(PendingCommand call) {
      this.call = call;
    }

    /** Whether there is an answer, so that {@link #await} does not wait. */
    public boolean isAnswered() {
      return call.isAnswered();
    }

    /**
     * Waits for the answer until the configured deadline.
     *
     * @throws ShardFailure if there is none; it says whether the command may have taken effect
     */
    public Outcome await() {
      return waiter.await(call, settlesAtOnce || call.command() instanceof Command.Get);
    }

    /** The answer, or null if there is none yet. Does not wait; throws as {@link #await}. */
    public @Nullable Outcome poll() {
      return call.poll();
    }
  }

  /**
   * Executes a command where its key lives, and waits for the answer until the configured deadline.
   *
   * @throws ShardFailure if there is none; it says whether the command may have taken effect
   */
  public Outcome ask(Command command) {
    return begin(command, ContentBudget.UNLIMITED, null, Runnable::run).await();
  }

  /**
   * Executes a command where its key lives, and does not wait. The commands of one thread for one
   * key are executed in order, but a read may be answered ahead of earlier writes.
   *
   * @param budget pays for a large value that the command has to read
   * @param onAnswer is run when there is an answer, perhaps more than once and by any thread, for a
   *     caller that is to {@link Pending#poll} instead of waiting; neither throws nor waits
   * @param wakeUps runs what wakes the worker: at once or, after more commands were begun, soon
   * @throws ShardFailure if the shard did not accept it
   */
  public Pending begin(
      Command command, ContentBudget budget, @Nullable Runnable onAnswer, Executor wakeUps) {
    return new Pending(dispatcher.begin(command, deadline, budget, onAnswer, wakeUps));
  }

  /**
   * Executes a transaction, and waits for its outcome until the configured deadline.
   *
   * @param budget pays for the large values that it has to read
   * @throws ShardFailure if it was not executed, or perhaps not; the exception says which
   */
  public TransactionOutcome transact(Transaction transaction, ContentBudget budget) {
    return transactor.run(transaction, budget);
  }

  /**
   * Expired entries, the oldest first.
   *
   * @param after where the last call ended, or null to begin
   * @param limit how many at most
   */
  public List<Expiry> expired(@Nullable Expiry after, int limit) {
    return engine.expired(time.instant(), after, limit);
  }

  /**
   * Scans the entries of all shards, directly in the engine: it sees every write that was answered
   * before it began. It is bounded as {@link StorageEngine#scan} is.
   *
   * @throws ShardFailure if it can't
   */
  public ScanPage scan(KeyRange range, int limit) {
    if (!registry.isRunning()) {
      throw new Stopping(ShardFailure.NO_SHARD, RetryAfter.SOON);
    }
    return engine.scan(range, time.instant(), limit);
  }

  /** A secret that lives as long as the entries do; see {@link StorageEngine#secret}. */
  public byte[] secret() {
    return engine.secret();
  }

  @Override
  public void start() {
    running = true;
    deadlines.start();
  }

  @Override
  public void stop() {
    running = false;
    deadlines.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** As the {@link ShardRegistry}, which starts before it and stops after it. */
  @Override
  public int getPhase() {
    return 0;
  }
}
