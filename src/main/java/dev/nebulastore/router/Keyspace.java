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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All keys, wherever they live: what {@code api} knows of the store. {@link ShardRouter} is the one
 * of a single node.
 *
 * <p>Threads: safe for all.
 */
public interface Keyspace {

  /** A command on its way, for the thread that began it to wait for. */
  interface Pending {

    /** The command. */
    Command command();

    /** Whether there is an answer, so that {@link #await} does not wait. */
    boolean isAnswered();

    /**
     * Waits for the outcome; to be called once.
     *
     * @throws KvException.ShardFailure as {@link #execute} does
     */
    Outcome await();

    /**
     * The outcome, or null if there is none yet; does not wait, and is not to be called again once
     * there was one.
     *
     * @throws KvException.ShardFailure as {@link #execute} does
     */
    @Nullable Outcome poll();
  }

  /**
   * Has the command carried out where its key lives.
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
   * Has the command carried out where its key lives, and does not wait for it. Writes of one key
   * that one thread begins are carried out in that order; a read may overtake a write.
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
    return begin(command, budget, null);
  }

  /**
   * As {@link #begin(Command)}, for a thread that does not wait but will {@link Pending#poll}.
   *
   * @param budget pays for a large value that the command has to read
   * @param told is run when there is an outcome, perhaps more than once and by any thread; neither
   *     throws nor waits. Null if the outcome is awaited
   * @throws KvException.ShardFailure if it was refused at once
   */
  Pending begin(Command command, ContentBudget budget, @Nullable Runnable told);

  /**
   * Has the transaction carried out where its keys live: all of it, at one moment, or nothing.
   *
   * @param budget pays for the large values that it has to read
   * @throws KvException.ShardFailure if it was not, or perhaps not; the exception says which
   */
  TransactionOutcome execute(Transaction transaction, ContentBudget budget);

  /**
   * Looks through the keys in the order of their bytes, whatever shards they live in. It sees every
   * write that was answered before it began. It is bounded: see {@link ScanPage}.
   *
   * @param limit how many are found at most
   * @throws KvException.ShardFailure if it can't
   */
  ScanPage scan(KeyRange range, int limit);

  /** A secret of 16 bytes that lives as long as the entries do; nobody writes to it. */
  byte[] secret();

  /**
   * Tells what was written before this call from what is written after it, of what a {@link #scan}
   * finds: by the revisions, so it does not depend on any clock.
   */
  Predicate<EntryMetadata> writtenByNow();
}
