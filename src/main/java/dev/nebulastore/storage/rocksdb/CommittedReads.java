package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.storage.Lookup;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How shards read what is committed. */
interface CommittedReads {

  /** What memory knows of a key. Never throws: an Error is no reason for a worker to die. */
  Lookup inMemory(int shard, Key key, RecordBuffer buffer, @Nullable ContentBudget budget);

  /** Whether reads from the disk have taken little time recently, as from the page cache. */
  boolean areFast();

  /** Reads a key on a thread that may wait, and calls {@code then} exactly once. */
  void fetch(int shard, Key key, @Nullable ContentBudget budget, Consumer<Lookup> then);
}
