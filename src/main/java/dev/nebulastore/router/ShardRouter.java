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
import dev.nebulastore.shard.Placement;
import dev.nebulastore.shard.ShardWorkers;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sends each command to the shard that its key lives in. It keeps no worker: the table is asked at
 * each call.
 *
 * <p>Threads: safe for all; where keys live is an immutable snapshot behind one volatile reference
 * (invariant 8).
 */
public final class ShardRouter implements Keyspace {

  /**
   * Is told of every command and transaction that was answered or failed, on the caller's thread.
   */
  public interface Listener {
    /** There was an outcome, this many nanoseconds after the command was given. */
    void answered(Command command, Outcome outcome, long nanos);

    /** There was a failure instead. */
    void failed(Command command, KvException failure, long nanos);

    /** A transaction was decided, this many nanoseconds after it was given. */
    void answered(Transaction transaction, TransactionOutcome outcome, long nanos);

    /** There was a failure instead. */
    void failed(Transaction transaction, KvException failure, long nanos);

    /** A look through the keys has found so many. */
    void scanned(int found, long nanos);
  }

  private final ShardWorkers workers;
  private final Listener listener;

  /** Over this ring, until it is resized. */
  ShardRouter(ShardWorkers workers, HashRing ring, Listener listener) {
    this.workers = workers;
    this.listener = listener;
    workers.place(new Settled(ring));
  }

  /** A command on its way, of which the listener is told. */
  private final class Asked implements Pending {
    private final Command command;
    private final long began = System.nanoTime();
    private final ShardWorkers.Pending answer;

    Asked(Command command, ContentBudget budget, @Nullable Runnable told) {
      this.command = command;
      try {
        this.answer = workers.begin(command, budget, told);
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
  public Pending begin(Command command, ContentBudget budget, @Nullable Runnable told) {
    return new Asked(command, budget, told);
  }

  @Override
  public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
    long began = System.nanoTime();
    try {
      TransactionOutcome outcome = workers.transact(transaction, budget);
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
    ScanPage stretch = workers.scan(range, limit);
    listener.scanned(stretch.found().size(), System.nanoTime() - began);
    return stretch;
  }

  @Override
  public byte[] secret() {
    return workers.secret();
  }

  @Override
  @SuppressWarnings("ReferenceEquality")
  public Predicate<EntryMetadata> writtenByNow() {
    while (true) {
      Placement known = workers.placement();
      Map<Integer, Revision> reached = new HashMap<>();
      workers.shards().forEach(shard -> reached.put(shard, workers.revision(shard)));
      // The next owner of a key goes on from the revision of the one before. If a key was moved
      // meanwhile, the one before may have gone on since; a move takes much longer than this.
      if (workers.placement() == known) {
        return found -> {
          Revision last = reached.get(known.shardOf(found.key()));
          return last != null && found.revision().compareTo(last) <= 0;
        };
      }
    }
  }

  /** The shard that the key lives in. */
  public int shardOf(Key key) {
    return workers.placement().shardOf(key);
  }
}
