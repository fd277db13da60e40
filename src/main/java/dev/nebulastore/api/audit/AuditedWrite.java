package dev.nebulastore.api.audit;

import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Written;
import dev.nebulastore.audit.AuditTrail;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.Keyspace;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A write that was accepted, and has a line in the audit log when its outcome is known.
 *
 * <p>Threads: confined to the one that began it.
 */
final class AuditedWrite implements Keyspace.Pending {

  private final AuditTrail trail;
  private final Origin origin;
  private final Command command;
  private final String key;
  private Keyspace.@Nullable Pending inner;
  private boolean recorded;

  /** Creates a write for which a line is reserved, and which has not begun. */
  AuditedWrite(AuditTrail trail, Origin origin, Command command) {
    this.trail = trail;
    this.origin = origin;
    this.command = command;
    this.key = RequestOrigin.hash(command.key());
  }

  /** Begins the write. One that is refused at once changes nothing and has no line. */
  AuditedWrite begin(
      Keyspace keyspace, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
    try {
      inner = keyspace.begin(command, budget, onOutcome, wakeUps);
      return this;
    } catch (KvException e) {
      trail.release(1);
      throw e;
    } catch (RuntimeException | Error e) {
      // A shard may have it.
      record(null);
      throw e;
    }
  }

  @Override
  public Command command() {
    return command;
  }

  @Override
  public boolean isAnswered() {
    return inner().isAnswered();
  }

  @Override
  public Outcome await() {
    Integer status = null;
    try {
      Outcome outcome = inner().await();
      status = Status.of(outcome, command.key());
      return outcome;
    } catch (RuntimeException e) {
      status = Status.of(e);
      throw e;
    } finally {
      record(status);
    }
  }

  @Override
  public @Nullable Outcome poll() {
    Outcome outcome;
    try {
      outcome = inner().poll();
    } catch (RuntimeException e) {
      record(Status.of(e));
      throw e;
    }
    if (outcome != null) {
      record(Status.of(outcome, command.key()));
    }
    return outcome;
  }

  /** Nobody will ask for the outcome any more. */
  void abandon() {
    if (recorded) {
      return;
    }
    try {
      var _ = poll();
    } catch (RuntimeException e) {
      // It was recorded.
    } finally {
      record(null);
    }
  }

  private void record(@Nullable Integer status) {
    if (!recorded) {
      recorded = true;
      trail.record(new Written(origin, key, operation(command), status));
    }
  }

  private Keyspace.Pending inner() {
    return Objects.requireNonNull(inner);
  }

  private static String operation(Command command) {
    return switch (command) {
      case Command.Put _ -> "put";
      case Command.Add _ -> "add";
      case Command.Touch _ -> "touch";
      case Command.Delete _ -> "delete";
      case Command.Get _, Command.Expire _ ->
          throw new IllegalArgumentException("Not a write of a client: " + command.getClass());
    };
  }
}
