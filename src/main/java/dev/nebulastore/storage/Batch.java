package dev.nebulastore.storage;

import dev.nebulastore.kv.KvException.ShardFailure;
import java.util.List;

/**
 * The writes of one shard that take effect together, and whom to tell. An engine calls {@link
 * #accepted} and then exactly one of {@link #committed} and {@link #failed}, or none of the three
 * if the batch is refused with an exception; after a failure that leaves it open, {@link
 * #uncertain}.
 */
public interface Batch {

  /**
   * In the order of their revisions. None at all is a batch, too: it is settled after those that
   * were submitted to the same shard before it.
   */
  List<Write> writes();

  /** From now on the engine answers for the batch, whatever becomes of the worker. */
  void accepted();

  /**
   * It took effect, and is as safe as the engine promises. Must return at once; within a shard the
   * batches are told in the order in which they were submitted.
   */
  void committed();

  /** It did not take effect, or perhaps: the failure says which. Must return at once. */
  void failed(ShardFailure failure);

  /**
   * After it has failed and may have taken effect: from now on reads show whether it did. Must
   * return at once.
   */
  void uncertain();
}
