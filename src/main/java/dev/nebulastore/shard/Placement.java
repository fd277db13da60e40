package dev.nebulastore.shard;

import dev.nebulastore.kv.Key;

/**
 * Says which shard each key lives in. A change of it is another object: whoever has acted on one
 * sees by that whether it still holds.
 *
 * <p>Threads: immutable.
 */
@FunctionalInterface
public interface Placement {

  /** The number of the shard that the key lives in. */
  int shardOf(Key key);
}
