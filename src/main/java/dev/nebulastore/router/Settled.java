package dev.nebulastore.router;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.shard.Placement;

/** The placement of keys by one ring. */
record Settled(HashRing ring) implements Placement {
  @Override
  public int shardOf(Key key) {
    return ring.ownerOf(key.utf8());
  }
}
