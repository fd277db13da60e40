package dev.nebulastore.api.audit;

import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Written;
import dev.nebulastore.audit.AuditTrail;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.TransactionOutcome.Conflict;
import dev.nebulastore.router.Keyspace;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All keys, for one request whose writes have lines in the audit log: room for a line is reserved
 * before a shard gets the write, and it is recorded with the status of the outcome.
 *
 * <p>A transaction has a line for each key that it writes, with the status of the whole. So all
 * lines have a limited length.
 *
 * <p>Threads: as those of the keyspace that it asks.
 */
final class AuditedKeyspace implements Keyspace {

  private static final String TRANSACTION = "transaction";

  private final Keyspace keyspace;
  private final AuditTrail trail;
  private final Origin origin;

  AuditedKeyspace(Keyspace keyspace, AuditTrail trail, Origin origin) {
    this.keyspace = keyspace;
    this.trail = trail;
    this.origin = origin;
  }

  /**
   * As that of {@link Keyspace}.
   *
   * @throws Overloaded if there is no room for the line; nothing has happened then
   */
  @Override
  public Pending begin(
      Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
    if (command instanceof Command.Get) {
      return keyspace.begin(command, budget, onOutcome, wakeUps);
    }
    AuditedWrite write = new AuditedWrite(trail, origin, command);
    trail.reserve(1);
    return write.begin(keyspace, budget, onOutcome, wakeUps);
  }

  /**
   * As that of {@link Keyspace}.
   *
   * @throws Overloaded if there is no room for the lines; nothing has happened then
   */
  @Override
  public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
    Set<Key> then = written(transaction.then());
    Set<Key> otherwise = written(transaction.otherwise());
    Set<Key> all = new TreeSet<>(then);
    all.addAll(otherwise);
    if (all.isEmpty()) {
      return keyspace.execute(transaction, budget);
    }
    trail.reserve(all.size());
    Set<Key> concerned = all;
    Integer status = null;
    try {
      TransactionOutcome outcome = keyspace.execute(transaction, budget);
      status = Status.of(outcome);
      concerned = isThen(outcome) ? then : otherwise;
      return outcome;
    } catch (RuntimeException e) {
      status = Status.of(e);
      throw e;
    } finally {
      trail.release(all.size() - concerned.size());
      for (Key key : concerned) {
        trail.record(new Written(origin, RequestOrigin.hash(key), TRANSACTION, status));
      }
    }
  }

  private static boolean isThen(TransactionOutcome outcome) {
    return switch (outcome) {
      case Committed committed -> committed.succeeded();
      case Conflict conflict -> conflict.succeeded();
    };
  }

  private static Set<Key> written(List<Command> commands) {
    Set<Key> keys = new TreeSet<>();
    for (Command command : commands) {
      if (!(command instanceof Command.Get)) {
        keys.add(command.key());
      }
    }
    return keys;
  }

  @Override
  public ScanPage scan(KeyRange range, int limit) {
    return keyspace.scan(range, limit);
  }

  @Override
  public byte[] secret() {
    return keyspace.secret();
  }

  @Override
  public Predicate<EntryMetadata> writtenByNow() {
    return keyspace.writtenByNow();
  }
}
