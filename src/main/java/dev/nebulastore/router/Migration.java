package dev.nebulastore.router;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Placement;

/**
 * Where keys live while one ring takes the place of another, one source after another in the order
 * of their numbers: a key changes its shard once at most, from where the one ring has it to where
 * the other has.
 *
 * @param next the first source that has not handed over its keys; all before it have
 */
record Migration(HashRing from, HashRing to, int next) implements Placement {
  @Override
  public int shardOf(Key key) {
    byte[] utf8 = key.utf8();
    int source = from.ownerOf(utf8);
    return source < next ? to.ownerOf(utf8) : source;
  }
}
