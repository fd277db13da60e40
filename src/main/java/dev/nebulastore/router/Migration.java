package dev.nebulastore.router;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Placement;

/**
 * Where keys live while one ring takes the place of another, one giver after another in the order
 * of their numbers: a key changes its shard once at most, from where the one ring has it to where
 * the other has.
 *
 * @param next the first giver that has not handed over its keys; all before it have
 */
record Migration(HashRing from, HashRing to, int next) implements Placement {
  @Override
  public int shardOf(Key key) {
    byte[] utf8 = key.utf8();
    int giver = from.ownerOf(utf8);
    return giver < next ? to.ownerOf(utf8) : giver;
  }
}
