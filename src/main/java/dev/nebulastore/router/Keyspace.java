package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All keys, whichever shards they live in: what {@code api} knows of the store. {@link ShardRouter}
 * is the implementation for a single node.
 *
 * <p>Threads: safe for all.
 */
public interface Keyspace {

  /** A command that was accepted, for the thread that began it. */
  interface Pending {

    /** The command. */
    Command command();

    /** Whether there is an answer, so that {@link #await} does not wait. */
    boolean isAnswered();

    /**
     * Waits for the outcome; may be called once.
     *
     * @throws KvException.ShardFailure as {@link #execute} does
     */
    Outcome await();

    /**
     * The outcome, or null if there is none yet. Does not wait, and must not be called again after
     * it returned one.
     *
     * @throws KvException.ShardFailure as {@link #execute} does
     */
    @Nullable Outcome poll();
  }

  /**
   * Executes a command where its key lives, and waits for the outcome.
   *
   * @throws KvException.ShardFailure if it was not, or perhaps not; the exception says which
   */
  default Outcome execute(Command command) {
    return execute(command, ContentBudget.UNLIMITED);
  }

  /**
   * As {@link #execute(Command)}.
   *
   * @param budget pays for a large value that the command has to read
   */
  default Outcome execute(Command command, ContentBudget budget) {
    return begin(command, budget).await();
  }

  /**
   * Executes a command where its key lives, and does not wait. Writes of one key that one thread
   * begins are executed in that order; a read may overtake a write.
   *
   * @throws KvException.ShardFailure if it was refused at once
   */
  default Pending begin(Command command) {
    return begin(command, ContentBudget.UNLIMITED);
  }

  /**
   * As {@link #begin(Command)}.
   *
   * @param budget pays for a large value that the command has to read
   */
  default Pending begin(Command command, ContentBudget budget) {
    return begin(command, budget, null, Runnable::run);
  }

  /**
   * As {@link #begin(Command)}, for a thread that does not wait but is to {@link Pending#poll}.
   *
   * @param budget pays for a large value that the command has to read
   * @param onOutcome is run when there is an outcome, perhaps more than once and by any thread;
   *     neither throws nor waits. Null if the outcome is awaited
   * @param wakeUps runs what wakes the thread that executes the command: at once or, after more
   *     commands were begun, soon
   * @throws KvException.ShardFailure if it was refused at once
   */
  Pending begin(
      Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps);

  /**
   * Executes a transaction where its keys live: all of it at once, or nothing.
   *
   * @param budget pays for the large values that it has to read
   * @throws KvException.ShardFailure if it was not, or perhaps not; the exception says which
   */
  TransactionOutcome execute(Transaction transaction, ContentBudget budget);

  /**
   * Scans the keys in the order of their bytes, whichever shards they live in. It sees every write
   * that was answered before it began. It is bounded: see {@link ScanPage}.
   *
   * @param limit the number of entries at most
   * @throws KvException.ShardFailure if it can't
   */
  ScanPage scan(KeyRange range, int limit);

  /** A secret of 16 bytes that lives as long as the entries do; must not be modified. */
  byte[] secret();

  /**
   * Of the entries that a {@link #scan} finds, selects those that were written before this call. It
   * compares revisions, so it does not depend on any clock.
   */
  Predicate<EntryMetadata> writtenByNow();
}
