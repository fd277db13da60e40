package dev.nebulastore.simulation;

import dev.nebulastore.api.batch.Pipeline;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.router.Keyspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A batch of one client, executed by the real {@link Pipeline}. It checks that the outcomes arrive
 * in order, and that no command is in flight together with another one of the same key that it
 * could overtake.
 *
 * <p>Threads: confined to the thread of the client.
 */
final class Batch implements Keyspace, Pipeline.ArrivalListener {

  private static final class Operation {
    private final Act act;
    private long called;
    private boolean inFlight;

    Operation(Act act) {
      this.act = act;
    }
  }

  private final Client client;
  private final Pipeline pipeline;
  private final Deque<Operation> operations = new ArrayDeque<>();

  Batch(Client client) {
    this.client = client;
    this.pipeline = new Pipeline(client.scheduler(), this, _ -> true, null, this);
  }

  void run(List<Act> acts) {
    try {
      for (Act act : acts) {
        client.tally().count(Tally.Event.OPERATION);
        operations.add(new Operation(act));
        pipeline.begin(act.command(), 1);
      }
      pipeline.settleAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      pipeline.abandon();
    }
  }

  @Override
  public Pending begin(
      Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
    Operation operation = operations.getLast();
    if (!command.key().equals(operation.act.command().key())) {
      throw new IllegalStateException("Out of order: " + command);
    }
    for (Operation other : operations) {
      if (other.inFlight && other != operation && mayBeOvertaken(operation, other)) {
        client.ledger().breach("%s overtakes %s".formatted(operation.act, other.act));
      }
    }
    operation.called = client.ledger().tick();
    Pending pending = client.router().begin(command, budget, onOutcome, wakeUps);
    operation.inFlight = true;
    return pending;
  }

  /** Writes of a key keep their order. A read and a write of a key do not. */
  private static boolean mayBeOvertaken(Operation one, Operation other) {
    Key key = one.act.command().key();
    return key.equals(other.act.command().key()) && one.act.writes() != other.act.writes();
  }

  @Override
  public void arrived(Command command, Outcome outcome) {
    Operation operation = operations.remove();
    client.ledger().require(command.key().equals(operation.act.command().key()), "out of order");
    client.answered(operation.act, operation.called, outcome);
  }

  @Override
  public void failed(Exception failure, @Nullable Key key) {
    Operation operation = operations.remove();
    if (!(failure instanceof KvException refusal)) {
      throw new IllegalStateException(failure);
    }
    client.failed(operation.act, operation.called, refusal);
  }

  @Override
  public void waits() {}

  @Override
  public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScanPage scan(KeyRange range, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] secret() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Predicate<EntryMetadata> writtenByNow() {
    throw new UnsupportedOperationException();
  }
}
