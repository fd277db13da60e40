package dev.nebulastore.storage;

import dev.nebulastore.kv.KvException.ShardFailure;
import java.util.List;

/**
 * The writes of one shard that take effect together, and the callbacks that report their result. An
 * engine calls {@link #accepted} and then exactly one of {@link #committed} and {@link #failed}; or
 * none of the three if it refuses the batch with an exception. After a failure that may have taken
 * effect, it calls {@link #uncertain} as well. Callbacks must return at once.
 */
public interface Batch {

  /**
   * The writes, in the order of their revisions. A batch may be empty: it is settled after those
   * that were submitted to the same shard before it.
   */
  List<Write> writes();

  /** The batch belongs to the engine from now on, whatever becomes of the worker. */
  void accepted();

  /**
   * The batch took effect, and is as durable as the engine promises. The batches of a shard are
   * committed in the order in which they were submitted.
   */
  void committed();

  /** The batch did not take effect, or may not have; the failure says which. */
  void failed(ShardFailure failure);

  /** The batch has failed and may have taken effect: from now on, reads show whether it did. */
  void uncertain();
}
