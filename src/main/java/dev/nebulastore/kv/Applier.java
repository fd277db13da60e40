package dev.nebulastore.kv;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a command does: old entry + command + revision + time + {@link Quota} give the
 * outcome and the changes, or the refusal. Pure and deterministic, and the only place where
 * conditions, versions, expiry and room are decided, so that a command means the same on every
 * engine and on every replica (invariant 2).
 *
 * <p>Threads: immutable.
 */
public final class Applier {

  private Applier() {}

  /** The decision on one command. */
  public sealed interface Decision {

    /**
     * The command is carried out.
     *
     * @param changes in the order of their revisions, which follow the last one without a gap;
     *     empty if nothing changes. An expired entry that is written over gives its expiry first,
     *     then the write
     */
    record Decided(Outcome outcome, List<Change> changes) implements Decision {
      private Decided(Outcome outcome) {
        this(outcome, List.of());
      }
    }

    /** The quota does not admit the change; nothing changes. */
    enum NoRoom implements Decision {
      /** The only one. */
      INSTANCE
    }
  }

  /** The decision on a transaction. */
  public sealed interface TransactionDecision {

    /** The transaction is carried out, or is in conflict with what is stored. */
    record Decided(TransactionOutcome outcome) implements TransactionDecision {}

    /**
     * The quota does not admit the change to a key; nothing changes.
     *
     * @param key the first of those that were refused
     */
    record NoRoom(Key key) implements TransactionDecision {}
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
   * @param ground to be thrown away if the transaction is in conflict or refused: what it took is
   *     void then
   * @param now the time that all of it is taken to happen at
   * @param quota by how many bytes all commands together may make the content grow; what a later
   *     one removes does not count
   */
  public static TransactionDecision decide(
      Transaction transaction, Ground ground, Instant now, long quota) {
    boolean succeeded =
        transaction.conditions().stream()
            .allMatch(condition -> holds(condition, ground.stored(condition.key()), now));
    List<Command> commands = succeeded ? transaction.then() : transaction.otherwise();
    List<Outcome> results = new ArrayList<>(commands.size());
    long room = quota;
    Key refused = null;
    for (Command command : commands) {
      Key key = command.key();
      Entry stored = ground.stored(key);
      Decision.Decided decided = regardlessOfRoom(stored, command, ground.last(key), now);
      if (decided.outcome() instanceof Outcome.PreconditionFailed
          || decided.outcome() instanceof Outcome.PreconditionRequired
          || decided.outcome() instanceof Outcome.NotANumber) {
        return new TransactionDecision.Decided(
            new TransactionOutcome.Conflict(succeeded, results.size(), command, decided.outcome()));
      }
      if (!decided.changes().isEmpty()) {
        Change change = decided.changes().getLast();
        if (refused == null && !Quota.admits(room, stored, change)) {
          refused = key;
        }
        room = Quota.after(room, stored, change);
        ground.take(key, decided.changes());
      }
      results.add(decided.outcome());
    }
    return refused == null
        ? new TransactionDecision.Decided(new TransactionOutcome.Committed(succeeded, results))
        : new TransactionDecision.NoRoom(refused);
  }

  private static boolean holds(
      Transaction.Condition condition, @Nullable Entry stored, Instant now) {
    Entry current = stored != null && stored.expiredAt(now) ? null : stored;
    return !refuses(condition.precondition(), current);
  }

  /**
   * Decides on a read, which no quota refuses.
   *
   * @param stored as for {@link #decide(Entry, Command, Revision, Instant, long)}
   */
  public static Outcome read(@Nullable Entry stored, Command.Get get, Instant now) {
    return read(stored != null && stored.expiredAt(now) ? null : stored, get);
  }

  /**
   * Decides on a command. Its precondition comes first: only what would be carried out can be
   * refused for want of room.
   *
   * @param stored what the store holds under the command's key, expired or not; null for nothing
   * @param last the revision that the shard is at
   * @param now the time that this decision is taken to happen at
   * @param quota by how many bytes the command may make the content grow: see {@link Quota}
   */
  public static Decision decide(
      @Nullable Entry stored, Command command, Revision last, Instant now, long quota) {
    Decision.Decided decided = regardlessOfRoom(stored, command, last, now);
    return decided.changes().isEmpty() || Quota.admits(quota, stored, decided.changes().getLast())
        ? decided
        : Decision.NoRoom.INSTANCE;
  }

  private static Decision.Decided regardlessOfRoom(
      @Nullable Entry stored, Command command, Revision last, Instant now) {
    boolean expired = stored != null && stored.expiredAt(now);
    Entry current = expired ? null : stored;
    return switch (command) {
      case Command.Get get -> new Decision.Decided(read(current, get));
      case Command.Put put -> put(stored, current, put, last, now);
      case Command.Add add -> add(stored, current, add, last, now);
      case Command.Touch touch -> touch(current, touch, last, now);
      case Command.Delete delete -> delete(current, delete, last, now);
      case Command.Expire expire ->
          expired
              ? new Decision.Decided(
                  new Outcome.Deleted(true),
                  List.of(new Change.Expire(expire.key(), last.next(), now)))
              : new Decision.Decided(new Outcome.Deleted(false));
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

  private static Decision.Decided put(
      @Nullable Entry stored,
      @Nullable Entry current,
      Command.Put put,
      Revision last,
      Instant now) {
    if (refuses(put.precondition(), current)) {
      return new Decision.Decided(new Outcome.PreconditionFailed(current));
    }
    if (current != null) {
      if (put.guarded() && !put.precondition().guardsWrites()) {
        return new Decision.Decided(new Outcome.PreconditionRequired(current));
      }
    }
    List<Change> changes = write(stored, current, put.key(), put.value(), put.ttl(), last, now);
    Entry entry = written(changes);
    return new Decision.Decided(
        current == null ? new Outcome.Created(entry) : new Outcome.Replaced(entry), changes);
  }

  private static Decision.Decided add(
      @Nullable Entry stored,
      @Nullable Entry current,
      Command.Add add,
      Revision last,
      Instant now) {
    if (refuses(add.precondition(), current)) {
      return new Decision.Decided(new Outcome.PreconditionFailed(current));
    }
    OptionalLong sum = OptionalLong.of(add.amount());
    if (current != null) {
      OptionalLong number = Counter.of(current.value());
      sum = number.isEmpty() ? number : Counter.sum(number.getAsLong(), add.amount());
      if (sum.isEmpty()) {
        return new Decision.Decided(new Outcome.NotANumber(current));
      }
    }
    Value value = Counter.value(sum.getAsLong());
    List<Change> changes = write(stored, current, add.key(), value, add.ttl(), last, now);
    return new Decision.Decided(new Outcome.Added(written(changes), current == null), changes);
  }

  /** What writing an entry changes: one that has expired gives its expiry first. */
  private static List<Change> write(
      @Nullable Entry stored,
      @Nullable Entry current,
      Key key,
      Value value,
      @Nullable Duration ttl,
      Revision last,
      Instant now) {
    if (current != null) {
      // The key that is stored already, lest a store hold two of each.
      return List.of(new Change.Put(entry(current.key(), value, last.next(), now, ttl)));
    }
    if (stored == null) {
      return List.of(new Change.Put(entry(key, value, last.next(), now, ttl)));
    }
    Change expiry = new Change.Expire(key, last.next(), now);
    return List.of(expiry, new Change.Put(entry(key, value, expiry.revision().next(), now, ttl)));
  }

  private static Entry written(List<Change> changes) {
    return Objects.requireNonNull(changes.getLast().entry());
  }

  private static Decision.Decided touch(
      @Nullable Entry current, Command.Touch touch, Revision last, Instant now) {
    if (current == null) {
      return new Decision.Decided(new Outcome.Absent());
    }
    if (refuses(touch.precondition(), current)) {
      return new Decision.Decided(new Outcome.PreconditionFailed(current));
    }
    Entry entry = entry(current.key(), current.value(), last.next(), now, touch.ttl());
    return new Decision.Decided(new Outcome.Touched(entry), List.of(new Change.Touch(entry)));
  }

  private static Decision.Decided delete(
      @Nullable Entry current, Command.Delete delete, Revision last, Instant now) {
    if (refuses(delete.precondition(), current)) {
      return new Decision.Decided(new Outcome.PreconditionFailed(current));
    }
    if (current == null) {
      return new Decision.Decided(new Outcome.Deleted(false));
    }
    return new Decision.Decided(
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
