package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Records what a router reports.
 *
 * <p>Threads: thread-safe.
 */
final class Heard implements ShardRouter.Listener {

  /** The kind of each outcome and the code of each failure, in order. */
  final List<String> words = new CopyOnWriteArrayList<>();

  @Override
  public void answered(Command command, Outcome outcome, long nanos) {
    words.add(outcome.getClass().getSimpleName());
  }

  @Override
  public void failed(Command command, KvException failure, long nanos) {
    words.add(failure.code());
  }

  @Override
  public void answered(Transaction transaction, TransactionOutcome outcome, long nanos) {
    words.add(outcome.getClass().getSimpleName());
  }

  @Override
  public void failed(Transaction transaction, KvException failure, long nanos) {
    words.add(failure.code());
  }

  @Override
  public void scanned(int found, long nanos) {
    words.add("scanned " + found);
  }
}
