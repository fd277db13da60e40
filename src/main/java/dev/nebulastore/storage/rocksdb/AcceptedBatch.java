package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.Batch;

/**
 * A batch that a shard has accepted: it is written, or it fails, whatever becomes of the worker
 * that submitted it.
 *
 * @param shard the shard whose batch it is
 */
record AcceptedBatch(RocksDbShard shard, Batch batch) {}
