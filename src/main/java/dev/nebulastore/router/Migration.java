package dev.nebulastore.router;

import dev.nebulastore.kv.Key;
import dev.nebulastore.ring.HashRing;
import dev.nebulastore.ring.Move;
import dev.nebulastore.shard.Placement;
import java.util.Map;

/**
 * Where keys live while one ring takes the place of another, move by move: a key changes its shard
 * once at most, from where the one ring has it to where the other has.
 *
 * @param order the moves, each with its number from 0
 * @param done how many of them are made
 */
record Migration(HashRing from, HashRing to, Map<Move, Integer> order, int done)
    implements Placement {
  @Override
  public int shardOf(Key key) {
    byte[] utf8 = key.utf8();
    int giver = from.ownerOf(utf8);
    int taker = to.ownerOf(utf8);
    return giver == taker || order.getOrDefault(new Move(giver, taker), 0) < done ? taker : giver;
  }
}
