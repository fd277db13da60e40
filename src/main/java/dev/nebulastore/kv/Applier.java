package dev.nebulastore.kv;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a command does: old entry + command + revision + time give the outcome and the
 * changes. Pure and deterministic, and the only place where conditions, versions and expiry are
 * decided, so that a command means the same on every engine and on every replica (invariant 2).
 *
 * <p>Threads: immutable.
 */
public final class Applier {

  private Applier() {}

  /**
   * The decision on one command.
   *
   * @param changes in the order of their revisions, which follow the last one without a gap; empty
   *     if nothing changes. An expired entry that is written over gives its expiry first, then the
   *     write
   */
  public record Decision(Outcome outcome, List<Change> changes) {
    private Decision(Outcome outcome) {
      this(outcome, List.of());
    }
  }

  /** What a transaction is decided on, and what it leaves there. */
  public interface Ground {

    /**
     * What stands under the key, expired or not, the earlier commands of the transaction included.
     */
    @Nullable Entry stored(Key key);

    /** The revision that the key's shard is at, the earlier commands included. */
    Revision last(Key key);

    /** Takes the changes of one command, which has the key; not empty. */
    void take(Key key, List<Change> changes);
  }

  /**
   * Decides on a transaction.
   *
   * @param ground to be thrown away if the outcome is a conflict: what it took is void then
   * @param now the time that all of it is taken to happen at
   */
  public static TransactionOutcome decide(Transaction transaction, Ground ground, Instant now) {
    boolean succeeded =
        transaction.conditions().stream()
            .allMatch(condition -> holds(condition, ground.stored(condition.key()), now));
    List<Command> commands = succeeded ? transaction.then() : transaction.otherwise();
    List<Outcome> results = new ArrayList<>(commands.size());
    for (Command command : commands) {
      Key key = command.key();
      Decision decision = decide(ground.stored(key), command, ground.last(key), now);
      if (decision.outcome() instanceof Outcome.PreconditionFailed
          || decision.outcome() instanceof Outcome.PreconditionRequired) {
        return new TransactionOutcome.Conflict(
            succeeded, results.size(), command, decision.outcome());
      }
      if (!decision.changes().isEmpty()) {
        ground.take(key, decision.changes());
      }
      results.add(decision.outcome());
    }
    return new TransactionOutcome.Committed(succeeded, results);
  }

  private static boolean holds(
      Transaction.Condition condition, @Nullable Entry stored, Instant now) {
    Entry current = stored != null && stored.expiredAt(now) ? null : stored;
    return !refuses(condition.precondition(), current);
  }

  /**
   * Decides.
   *
   * @param stored what the store holds under the command's key, expired or not; null for nothing
   * @param last the revision that the shard is at
   * @param now the time that this decision is taken to happen at
   */
  public static Decision decide(
      @Nullable Entry stored, Command command, Revision last, Instant now) {
    boolean expired = stored != null && stored.expiredAt(now);
    Entry current = expired ? null : stored;
    return switch (command) {
      case Command.Get get -> new Decision(read(current, get));
      case Command.Put put -> put(stored, current, put, last, now);
      case Command.Touch touch -> touch(current, touch, last, now);
      case Command.Delete delete -> delete(current, delete, last, now);
      case Command.Expire expire ->
          expired
              ? new Decision(
                  new Outcome.Deleted(true),
                  List.of(new Change.Expire(expire.key(), last.next(), now)))
              : new Decision(new Outcome.Deleted(false));
    };
  }

  private static Outcome read(@Nullable Entry current, Command.Get get) {
    if (current == null) {
      return new Outcome.Absent();
    }
    return switch (get.precondition().ofRead(current)) {
      case PROCEED -> new Outcome.Found(current);
      case NOT_MODIFIED -> new Outcome.NotModified(current);
      case FAILED -> new Outcome.PreconditionFailed(current);
    };
  }

  private static Decision put(
      @Nullable Entry stored,
      @Nullable Entry current,
      Command.Put put,
      Revision last,
      Instant now) {
    if (refuses(put.precondition(), current)) {
      return new Decision(new Outcome.PreconditionFailed(current));
    }
    if (current != null) {
      if (put.guarded() && !put.precondition().guardsWrites()) {
        return new Decision(new Outcome.PreconditionRequired(current));
      }
      // The key that is stored already, lest a store hold two of each.
      Entry entry = entry(current.key(), put.value(), last.next(), now, put.ttl());
      return new Decision(new Outcome.Replaced(entry), List.of(new Change.Put(entry)));
    }
    if (stored == null) {
      Entry entry = entry(put.key(), put.value(), last.next(), now, put.ttl());
      return new Decision(new Outcome.Created(entry), List.of(new Change.Put(entry)));
    }
    Change expiry = new Change.Expire(put.key(), last.next(), now);
    Entry entry = entry(put.key(), put.value(), expiry.revision().next(), now, put.ttl());
    return new Decision(new Outcome.Created(entry), List.of(expiry, new Change.Put(entry)));
  }

  private static Decision touch(
      @Nullable Entry current, Command.Touch touch, Revision last, Instant now) {
    if (current == null) {
      return new Decision(new Outcome.Absent());
    }
    if (refuses(touch.precondition(), current)) {
      return new Decision(new Outcome.PreconditionFailed(current));
    }
    Entry entry = entry(current.key(), current.value(), last.next(), now, touch.ttl());
    return new Decision(new Outcome.Touched(entry), List.of(new Change.Put(entry)));
  }

  private static Decision delete(
      @Nullable Entry current, Command.Delete delete, Revision last, Instant now) {
    if (refuses(delete.precondition(), current)) {
      return new Decision(new Outcome.PreconditionFailed(current));
    }
    if (current == null) {
      return new Decision(new Outcome.Deleted(false));
    }
    return new Decision(
        new Outcome.Deleted(true), List.of(new Change.Delete(delete.key(), last.next(), now)));
  }

  private static boolean refuses(Precondition precondition, @Nullable Entry current) {
    return precondition.ofWrite(current) == Precondition.Verdict.FAILED;
  }

  private static Entry entry(
      Key key, Value value, Revision revision, Instant now, @Nullable Duration ttl) {
    return new Entry(key, value, revision, now, ttl == null ? null : now.plus(ttl));
  }
}
