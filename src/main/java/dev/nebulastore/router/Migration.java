package dev.nebulastore.router;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Placement;

/**
 * The placement of keys while one ring replaces another, one source after another in the order of
 * their numbers. A key moves at most once, from its shard on the old ring to its shard on the new
 * one.
 *
 * @param next the first source that has not handed its keys off; all before it have
 */
record Migration(HashRing from, HashRing to, int next) implements Placement {
  @Override
  public int shardOf(Key key) {
    byte[] utf8 = key.utf8();
    int source = from.ownerOf(utf8);
    return source < next ? to.ownerOf(utf8) : source;
  }
}
