package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.batch.Pipeline;
import dev.nebulastore.api.error.Refusal;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
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
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the entries with a prefix, or changes when they expire, in bounded steps. Each entry is
 * changed by a command that holds only for the version that was found. Later writes stay as they
 * are: their revisions are greater than that of their shard at the beginning. So the change ends
 * however much is written meanwhile. It also ends soon after its client has gone. A dry run counts
 * the entries instead.
 *
 * <p>A command that changes the expiry of a large value reads it. The pipeline limits how many
 * bytes of them are in flight; they are counted in shares of their own.
 *
 * <p>Threads: confined to the request's.
 */
final class PrefixChange implements Pipeline.ArrivalListener {

  /** The number of keys of a step: few enough that the commands find the entries in the cache. */
  private static final int STEP = 100;

  /** The number of entries between two checks of the client. */
  private static final int UNSEEN = 100;

  /** What is done to each entry. */
  sealed interface Kind {

    /** The command for the version that was found. */
    Command command(Key key, Precondition stillThat);

    /** The name of what was done, as in "3 entries were deleted". */
    String done();

    /** The name of what a dry run counts. */
    String wouldBe();

    /** The answer to the request, in JSON. */
    default String answer(long count, boolean dryRun) {
      return dryRun
          ? "{\"%s\":0,\"%s\":%d}".formatted(done(), wouldBe(), count)
          : "{\"%s\":%d}".formatted(done(), count);
    }

    /** The entries are deleted. */
    record Deletion() implements Kind {
      @Override
      public Command command(Key key, Precondition stillThat) {
        return new Command.Delete(key, stillThat);
      }

      @Override
      public String done() {
        return "deleted";
      }

      @Override
      public String wouldBe() {
        return "wouldDelete";
      }
    }

    /**
     * The entries expire at another time.
     *
     * @param ttl from when their turn comes, or null for never
     */
    record Touch(@Nullable Duration ttl) implements Kind {
      @Override
      public Command command(Key key, Precondition stillThat) {
        return new Command.Touch(key, stillThat, ttl);
      }

      @Override
      public String done() {
        return "touched";
      }

      @Override
      public String wouldBe() {
        return "wouldTouch";
      }
    }
  }

  private final Keyspace keyspace;
  private final Kind kind;
  private final BooleanSupplier clientIsGone;
  private final boolean dryRun;
  private final Pipeline pipeline;
  private final Predicate<EntryMetadata> writtenBefore;
  private long changed;
  private boolean unsure;
  private @Nullable KvException failure;
  private @Nullable Key failedKey;

  /**
   * Creates a change of which nothing is done.
   *
   * @param shares creates the share of each large value that is read
   */
  PrefixChange(
      Keyspace keyspace,
      Kind kind,
      Supplier<Share> shares,
      BooleanSupplier clientIsGone,
      boolean dryRun) {
    this.keyspace = keyspace;
    this.kind = kind;
    this.clientIsGone = clientIsGone;
    this.dryRun = dryRun;
    this.pipeline = new Pipeline(keyspace, _ -> true, shares, this);
    this.writtenBefore = keyspace.writtenByNow();
  }

  /**
   * Changes the entries.
   *
   * @return how many were changed, or would be; empty if the client has gone, and then some may be
   *     left
   * @throws Incomplete if a failure may have left some
   */
  OptionalLong run(String prefix) throws IOException {
    boolean gone = false;
    try {
      KeyRange rest = KeyRange.ofPrefix(prefix.getBytes(UTF_8));
      while (rest != null && failure == null && !gone) {
        ScanPage stretch = keyspace.scan(rest, STEP);
        gone = !changeAll(stretch.found());
        rest = stretch.rest();
      }
    } catch (KvException e) {
      failure = e;
    }
    pipeline.settleAll();
    if (failure != null) {
      throw new Incomplete(failure, refusal(failure));
    }
    return gone ? OptionalLong.empty() : OptionalLong.of(changed);
  }

  /** Returns false if the client has gone. */
  private boolean changeAll(List<EntryMetadata> found) throws IOException {
    for (int i = 0; i < found.size(); i++) {
      if (i % UNSEEN == 0 && clientIsGone.getAsBoolean()) {
        return false;
      }
      changeOne(found.get(i));
    }
    return !found.isEmpty() || !clientIsGone.getAsBoolean();
  }

  private void changeOne(EntryMetadata found) throws IOException {
    if (failure != null || !writtenBefore.test(found)) {
      return;
    }
    if (dryRun) {
      changed++;
    } else {
      Versions version = new Versions.OneOf(Set.of(found.revision()));
      Precondition stillThat = new Precondition(version, null, null, null);
      pipeline.begin(kind.command(found.key(), stillThat), sizeToRead(found));
    }
  }

  private long sizeToRead(EntryMetadata found) {
    boolean reads = kind instanceof Kind.Touch && found.size() > ContentBudget.SMALL;
    return reads ? found.size() : 0;
  }

  @Override
  public void arrived(Command command, Outcome outcome) {
    boolean done =
        outcome instanceof Outcome.Touched
            || (outcome instanceof Outcome.Deleted(boolean existed) && existed);
    if (done) {
      changed++;
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

  /** The refusal of the whole: applied is "no" only if nothing was changed. */
  private Refusal refusal(KvException cause) {
    Refusal one = Refusal.of(cause, failedKey);
    if (one == null) {
      throw cause;
    }
    Refusal.Facts facts = one.facts();
    String detail =
        facts.detail() + " Before that, %d entries were %s.".formatted(changed, kind.done());
    Applied applied = changed > 0 || unsure ? Applied.UNKNOWN : facts.applied();
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
