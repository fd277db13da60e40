package dev.nebulastore.shard;

import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The look-ups of one worker that take a disk, and the calls that wait for them.
 *
 * <p>Writes of one key share a fetch, so that they stay in order; what it finds is up to date when
 * it has come, since only this worker writes the key and it decides no write of it meanwhile. A
 * read has a fetch of its own: an earlier one may have been overtaken by a commit of which this
 * caller has heard.
 *
 * <p>Threads: confined to the worker's, but that threads of the engine queue what they found.
 */
final class Fetches {

  /**
   * A look-up that has come back.
   *
   * @param losses what the store's were before it was looked up
   * @param calls those that wait for it, in order
   */
  record Fetched(Key key, boolean forWrites, long losses, List<Call> calls, Lookup found) {}

  private final ShardStore store;
  private final Runnable wake;
  private final Map<Key, List<Call>> writes = new HashMap<>();
  private final Queue<Fetched> fetched = new ConcurrentLinkedQueue<>();
  private int outstanding;

  /**
   * None yet.
   *
   * @param wake is run when something was fetched, on any thread
   */
  Fetches(ShardStore store, Runnable wake) {
    this.store = store;
    this.wake = wake;
  }

  /** Whether writes of this key wait, so that a later one has to, too. */
  boolean holdsWritesOf(Key key) {
    return writes.containsKey(key);
  }

  /** Has a call wait for what is committed under its key. */
  void add(Call call, boolean write) {
    Key key = call.command().key();
    List<Call> others = write ? writes.get(key) : null;
    if (others != null) {
      others.add(call);
      return;
    }
    List<Call> calls = new ArrayList<>(List.of(call));
    if (write) {
      writes.put(key, calls);
    }
    outstanding++;
    long losses = store.losses();
    store.fetch(
        key,
        found -> {
          fetched.add(new Fetched(key, write, losses, calls, found));
          wake.run();
        });
  }

  /** Takes what has come back; null if nothing has. */
  @Nullable Fetched next() {
    Fetched next = fetched.poll();
    if (next != null) {
      outstanding--;
      if (next.forWrites()) {
        writes.remove(next.key());
      }
    }
    return next;
  }

  /** Whether something has come back. */
  boolean anyCame() {
    return !fetched.isEmpty();
  }

  /** Whether writes wait. */
  boolean anyWrites() {
    return !writes.isEmpty();
  }

  /** Whether something has not been taken yet. */
  boolean anyOutstanding() {
    return outstanding > 0;
  }
}
