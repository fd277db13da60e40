package dev.nebulastore.storage;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.ShardFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A batch that a test submits, and its outcome.
 *
 * <p>Threads: thread-safe.
 */
public final class Submission implements Batch {

  private final List<Write> writes;
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private final CountDownLatch uncertain = new CountDownLatch(1);
  private volatile boolean accepted;

  private Submission(List<Write> writes) {
    this.writes = writes;
  }

  /** These changes, each on top of the earlier ones and of the content of the store. */
  public static Submission of(ShardStore store, List<Change> changes) {
    Map<Key, @Nullable Entry> pending = new HashMap<>();
    List<Write> writes = new ArrayList<>();
    for (Change change : changes) {
      Key key = change.key();
      Entry before = pending.containsKey(key) ? pending.get(key) : latest(store, key);
      Write write = new Write(before, change);
      pending.put(key, write.after());
      writes.add(write);
    }
    return new Submission(writes);
  }

  /** These writes, whatever the store contains. */
  public static Submission of(List<Write> writes) {
    return new Submission(writes);
  }

  /** Submits these changes without waiting. */
  public static Submission submit(ShardStore store, Change... changes) {
    long lossEpoch = store.lossEpoch();
    Submission submission = of(store, Arrays.asList(changes));
    store.submit(lossEpoch, submission);
    return submission;
  }

  /** Submits these changes and waits until they are committed. */
  public static void commit(ShardStore store, List<Change> changes) {
    submit(store, changes.toArray(Change[]::new)).await();
  }

  /** Submits this change and waits until it is committed. */
  public static void commit(ShardStore store, Change change) {
    commit(store, List.of(change));
  }

  /** The latest entry of the key, read from disk if necessary. */
  public static @Nullable Entry latest(ShardStore store, Key key) {
    return known(store, key, store.latest(key, ContentBudget.UNLIMITED));
  }

  /** The committed entry of the key, read from disk if necessary. */
  public static @Nullable Entry committed(ShardStore store, Key key) {
    return known(store, key, store.committed(key, ContentBudget.UNLIMITED));
  }

  private static @Nullable Entry known(ShardStore store, Key key, Lookup lookup) {
    return switch (lookup) {
      case Lookup.Known(Entry entry) -> entry;
      case Lookup.Failed(ShardFailure failure) -> throw failure;
      case Lookup.OnDisk _ -> fetched(store, key);
    };
  }

  /** The committed entry of the key, as a fetch finds it. */
  public static @Nullable Entry fetched(ShardStore store, Key key) {
    CompletableFuture<Lookup> found = new CompletableFuture<>();
    store.fetch(key, ContentBudget.UNLIMITED, found::complete);
    return known(store, key, found.orTimeout(1, TimeUnit.MINUTES).join());
  }

  /** Waits until it is settled; throws its failure. */
  public void await() {
    settled.orTimeout(1, TimeUnit.MINUTES).join();
  }

  /** Whether it was committed or failed. */
  public boolean isSettled() {
    return settled.isDone();
  }

  /** Whether the engine has accepted it. */
  public boolean isAccepted() {
    return accepted;
  }

  @Override
  public List<Write> writes() {
    return writes;
  }

  @Override
  public void accepted() {
    accepted = true;
  }

  @Override
  public void committed() {
    settled.complete(null);
  }

  @Override
  public void failed(ShardFailure failure) {
    settled.completeExceptionally(failure);
  }

  @Override
  public void uncertain() {
    uncertain.countDown();
  }

  /** Waits until the engine reports that reads show whether it took effect. */
  public void awaitUncertain() {
    try {
      if (!uncertain.await(1, TimeUnit.MINUTES)) {
        throw new AssertionError("No callback was called");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether the engine has reported that. */
  public boolean isUncertain() {
    return uncertain.getCount() == 0;
  }
}
