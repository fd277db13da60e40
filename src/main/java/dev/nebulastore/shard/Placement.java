package dev.nebulastore.shard;

import dev.nebulastore.kv.Key;

/**
 * Says which shard each key lives in. A change is another object, so a caller can compare
 * identities to see whether the placement it has used is still current.
 *
 * <p>Threads: immutable.
 */
@FunctionalInterface
public interface Placement {

  /** The number of the shard that the key lives in. */
  int shardOf(Key key);
}
