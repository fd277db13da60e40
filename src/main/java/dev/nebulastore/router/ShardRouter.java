package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.CommandGateway;
import dev.nebulastore.shard.Placement;
import dev.nebulastore.shard.ShardRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Executes each command on the shard that its key lives in, and notifies a listener of the outcome.
 *
 * <p>Threads: safe for all; the placement of keys is an immutable snapshot behind one volatile
 * reference (invariant 8).
 */
public final class ShardRouter implements Keyspace {

  /**
   * Is notified of each command and transaction that was answered or failed, on the caller's
   * thread.
   */
  public interface Listener {
    /** A command had an outcome, this many nanoseconds after it was begun. */
    void answered(Command command, Outcome outcome, long nanos);

    /** A command failed instead. */
    void failed(Command command, KvException failure, long nanos);

    /** A transaction had an outcome, this many nanoseconds after it was begun. */
    void answered(Transaction transaction, TransactionOutcome outcome, long nanos);

    /** A transaction failed instead. */
    void failed(Transaction transaction, KvException failure, long nanos);

    /** A scan found this many entries. */
    void scanned(int found, long nanos);
  }

  private final ShardRegistry registry;
  private final CommandGateway gateway;
  private final Listener listener;

  /** Places keys by this ring, until it is resized. */
  ShardRouter(ShardRegistry registry, CommandGateway gateway, HashRing ring, Listener listener) {
    this.registry = registry;
    this.gateway = gateway;
    this.listener = listener;
    registry.place(new Settled(ring));
  }

  /** A command of whose outcome the listener is notified. */
  private final class Observed implements Pending {
    private final Command command;
    private final long began = System.nanoTime();
    private final CommandGateway.Pending answer;

    Observed(
        Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
      this.command = command;
      try {
        this.answer = gateway.begin(command, budget, onOutcome, wakeUps);
      } catch (KvException failure) {
        throw failed(failure);
      }
    }

    @Override
    public Command command() {
      return command;
    }

    @Override
    public boolean isAnswered() {
      return answer.isAnswered();
    }

    @Override
    public Outcome await() {
      try {
        Outcome outcome = answer.await();
        listener.answered(command, outcome, System.nanoTime() - began);
        return outcome;
      } catch (KvException failure) {
        throw failed(failure);
      }
    }

    @Override
    public @Nullable Outcome poll() {
      try {
        Outcome outcome = answer.poll();
        if (outcome != null) {
          listener.answered(command, outcome, System.nanoTime() - began);
        }
        return outcome;
      } catch (KvException failure) {
        throw failed(failure);
      }
    }

    private KvException failed(KvException failure) {
      listener.failed(command, failure, System.nanoTime() - began);
      return failure;
    }
  }

  @Override
  public Pending begin(
      Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
    return new Observed(command, budget, onOutcome, wakeUps);
  }

  @Override
  public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
    long began = System.nanoTime();
    try {
      TransactionOutcome outcome = gateway.transact(transaction, budget);
      listener.answered(transaction, outcome, System.nanoTime() - began);
      return outcome;
    } catch (KvException failure) {
      listener.failed(transaction, failure, System.nanoTime() - began);
      throw failure;
    }
  }

  @Override
  public ScanPage scan(KeyRange range, int limit) {
    long began = System.nanoTime();
    ScanPage page = gateway.scan(range, limit);
    listener.scanned(page.found().size(), System.nanoTime() - began);
    return page;
  }

  @Override
  public byte[] secret() {
    return gateway.secret();
  }

  @Override
  @SuppressWarnings("ReferenceEquality")
  public Predicate<EntryMetadata> writtenByNow() {
    while (true) {
      Placement known = registry.placement();
      Map<Integer, Revision> reached = new HashMap<>();
      registry.shards().forEach(shard -> reached.put(shard, registry.revision(shard)));
      // The next owner of a key continues from the revision of the last one. If keys were handed
      // off
      // meanwhile, the last owner may have continued, too: the revisions are read again.
      if (registry.placement() == known) {
        return found -> {
          Revision last = reached.get(known.shardOf(found.key()));
          return last != null && found.revision().compareTo(last) <= 0;
        };
      }
    }
  }

  /** The shard that a key lives in. */
  public int shardOf(Key key) {
    return registry.placement().shardOf(key);
  }
}
