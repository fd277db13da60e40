package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.router.Keyspace;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the entries that begin with a prefix, in bounded steps, each by a command to its shard
 * that holds only for the version that was found. What is written meanwhile stays: its revision is
 * beyond the one that its shard was at in the beginning. So however much is written, it comes to an
 * end: at the latest soon after its client has gone.
 *
 * <p>Threads: confined to the request's.
 */
final class PrefixDeletion implements Pipeline.ArrivalListener {

  /** A short look leaves in the cache what it has read, which is what each delete reads again. */
  private static final int STEP = 100;

  /** So many entries are deleted between two looks whether the client is still there. */
  private static final int UNSEEN = 100;

  private final Keyspace keyspace;
  private final BooleanSupplier clientIsGone;
  private final Pipeline flight;
  private final Predicate<EntryMetadata> writtenBefore;
  private long deleted;
  private boolean unsure;
  private @Nullable KvException failure;
  private @Nullable Key failedKey;

  PrefixDeletion(Keyspace keyspace, BooleanSupplier clientIsGone) {
    this.keyspace = keyspace;
    this.clientIsGone = clientIsGone;
    this.flight = new Pipeline(keyspace, this);
    this.writtenBefore = keyspace.writtenByNow();
  }

  /**
   * Deletes them.
   *
   * @return how many there were; empty if the client has gone and some may be left
   * @throws Incomplete if some may be left
   */
  OptionalLong run(String prefix) throws IOException {
    boolean gone = false;
    try {
      KeyRange rest = KeyRange.ofPrefix(prefix.getBytes(UTF_8));
      while (rest != null && failure == null && !gone) {
        ScanPage stretch = keyspace.scan(rest, STEP);
        gone = !deleteAll(stretch.found());
        rest = stretch.rest();
      }
    } catch (KvException e) {
      failure = e;
    }
    flight.settleAll();
    if (failure != null) {
      throw new Incomplete(failure, refusal(failure));
    }
    return gone ? OptionalLong.empty() : OptionalLong.of(deleted);
  }

  /** Whether the client was there all the while. */
  private boolean deleteAll(List<EntryMetadata> found) throws IOException {
    for (int i = 0; i < found.size(); i++) {
      if (i % UNSEEN == 0 && clientIsGone.getAsBoolean()) {
        return false;
      }
      delete(found.get(i));
    }
    return !found.isEmpty() || !clientIsGone.getAsBoolean();
  }

  private void delete(EntryMetadata found) throws IOException {
    if (failure == null && writtenBefore.test(found)) {
      Versions version = new Versions.OneOf(Set.of(found.revision()));
      Precondition stillThat = new Precondition(version, null, null, null);
      flight.begin(new Command.Delete(found.key(), stillThat), 0);
    }
  }

  @Override
  public void arrived(Command command, Outcome outcome) {
    if (outcome instanceof Outcome.Deleted(boolean existed) && existed) {
      deleted++;
    }
  }

  @Override
  public void failed(Exception cause, @Nullable Key key) {
    if (cause instanceof KvException kvFailure) {
      unsure |= cause instanceof ShardFailure lost && lost.applied() == Applied.UNKNOWN;
      if (failure == null) {
        failure = kvFailure;
        failedKey = key;
      }
    }
  }

  @Override
  public void waits() {}

  /** What the failure means for the whole: "no" only if surely nothing was deleted. */
  private Refusal refusal(KvException cause) {
    Refusal one = Refusal.of(cause, failedKey);
    if (one == null) {
      throw cause;
    }
    Problems.Facts facts = one.facts();
    String detail = facts.detail() + " Before that, %d entries were deleted.".formatted(deleted);
    Applied applied = deleted > 0 || unsure ? Applied.UNKNOWN : facts.applied();
    return new Refusal(
        one.problem(),
        new Problems.Facts(detail, facts.key(), facts.shard(), null, applied),
        one.retryAfter());
  }

  /** Some entries may be left. */
  static final class Incomplete extends RuntimeException {
    private final transient Refusal refusal;

    Incomplete(KvException cause, Refusal refusal) {
      super(cause);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }
}
