package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.batch.Pipeline;
import dev.nebulastore.api.error.Refusal;
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
 * Deletes the entries with a prefix, in bounded steps. Each entry is deleted by a command that
 * holds only for the version that was found. Later writes stay: their revisions are greater than
 * that of their shard at the beginning. So the deletion ends however much is written meanwhile. It
 * also ends soon after its client has gone. A dry run counts the entries instead.
 *
 * <p>Threads: confined to the request's.
 */
final class PrefixDeletion implements Pipeline.ArrivalListener {

  /** The number of keys of a step: few enough that the deletes find the entries in the cache. */
  private static final int STEP = 100;

  /** The number of entries between two checks of the client. */
  private static final int UNSEEN = 100;

  private final Keyspace keyspace;
  private final BooleanSupplier clientIsGone;
  private final boolean dryRun;
  private final Pipeline pipeline;
  private final Predicate<EntryMetadata> writtenBefore;
  private long deleted;
  private boolean unsure;
  private @Nullable KvException failure;
  private @Nullable Key failedKey;

  PrefixDeletion(Keyspace keyspace, BooleanSupplier clientIsGone, boolean dryRun) {
    this.keyspace = keyspace;
    this.clientIsGone = clientIsGone;
    this.dryRun = dryRun;
    this.pipeline = new Pipeline(keyspace, this);
    this.writtenBefore = keyspace.writtenByNow();
  }

  /**
   * Deletes the entries.
   *
   * @return how many were deleted, or would be; empty if the client has gone, and then some may be
   *     left
   * @throws Incomplete if a failure may have left some
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
    pipeline.settleAll();
    if (failure != null) {
      throw new Incomplete(failure, refusal(failure));
    }
    return gone ? OptionalLong.empty() : OptionalLong.of(deleted);
  }

  /** Returns false if the client has gone. */
  private boolean deleteAll(List<EntryMetadata> found) throws IOException {
    for (int i = 0; i < found.size(); i++) {
      if (i % UNSEEN == 0 && clientIsGone.getAsBoolean()) {
        return false;
      }
      deleteOne(found.get(i));
    }
    return !found.isEmpty() || !clientIsGone.getAsBoolean();
  }

  private void deleteOne(EntryMetadata found) throws IOException {
    if (failure != null || !writtenBefore.test(found)) {
      return;
    }
    if (dryRun) {
      deleted++;
    } else {
      Versions version = new Versions.OneOf(Set.of(found.revision()));
      Precondition stillThat = new Precondition(version, null, null, null);
      pipeline.begin(new Command.Delete(found.key(), stillThat), 0);
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

  /** The refusal of the whole: applied is "no" only if nothing was deleted. */
  private Refusal refusal(KvException cause) {
    Refusal one = Refusal.of(cause, failedKey);
    if (one == null) {
      throw cause;
    }
    Refusal.Facts facts = one.facts();
    String detail = facts.detail() + " Before that, %d entries were deleted.".formatted(deleted);
    Applied applied = deleted > 0 || unsure ? Applied.UNKNOWN : facts.applied();
    return new Refusal(
        one.problem(),
        new Refusal.Facts(detail, facts.key(), facts.shard(), null, applied),
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
