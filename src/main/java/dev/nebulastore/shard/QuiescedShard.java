package dev.nebulastore.shard;

import dev.nebulastore.storage.ShardStore;

/**
 * What a quiesced worker lends to a transaction or a handoff of keys.
 *
 * @param store the store of the worker's generation
 * @param resume has the worker check whether it may continue
 */
record QuiescedShard(ShardStore store, Runnable resume) {}
