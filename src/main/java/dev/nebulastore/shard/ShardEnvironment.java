package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.StorageEngine;
import dev.nebulastore.time.Execution;
import java.time.InstantSource;

/**
 * What all shards share.
 *
 * @param time the clock by which commands are decided
 * @param changes is notified of every change
 */
record ShardEnvironment(
    Execution execution,
    ShardProperties properties,
    StorageEngine engine,
    InstantSource time,
    ChangeListener changes) {}
