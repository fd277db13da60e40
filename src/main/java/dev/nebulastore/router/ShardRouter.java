package dev.nebulastore.router;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.ShardWorkers;

/**
 * Sends each command to the shard that its key lives in. It keeps no worker: the table is asked at
 * each call.
 *
 * <p>Threads: safe for all; the ring is an immutable snapshot behind one volatile reference
 * (invariant 8).
 */
public final class ShardRouter {

  /** Is told of every command that was answered or failed, on the caller's thread. */
  public interface Listener {
    /** There was an outcome, this many nanoseconds after the command was given. */
    void answered(Command command, Outcome outcome, long nanos);

    /** There was a failure instead. */
    void failed(Command command, KvException failure, long nanos);
  }

  private final ShardWorkers workers;
  private final Listener listener;
  private volatile HashRing ring;

  ShardRouter(ShardWorkers workers, HashRing ring, Listener listener) {
    this.workers = workers;
    this.ring = ring;
    this.listener = listener;
  }

  /**
   * Has the command carried out where its key lives.
   *
   * @throws KvException.ShardFailure if it was not, or perhaps not; the exception says which
   */
  public Outcome execute(Command command) {
    long began = System.nanoTime();
    try {
      Outcome outcome = workers.ask(shardOf(command.key()), command);
      listener.answered(command, outcome, System.nanoTime() - began);
      return outcome;
    } catch (KvException failure) {
      listener.failed(command, failure, System.nanoTime() - began);
      throw failure;
    }
  }

  /** The shard that the key lives in. */
  public int shardOf(Key key) {
    return ring.ownerOf(key.utf8());
  }

  /** The ring as it is now. */
  public HashRing ring() {
    return ring;
  }
}
