package dev.nebulastore.shard;

import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.time.Execution;
import java.time.InstantSource;

/**
 * What one worker works on and with.
 *
 * @param mailboxCapacity the number of messages that may wait
 * @param store the store of this generation
 * @param time the clock by which commands are decided
 * @param changes is notified of every change
 * @param placement says which keys the shard has
 * @param refused is run when a command is refused because too many wait
 * @param listener is notified of the worker's start and death
 */
record WorkerContext(
    Execution execution,
    int shard,
    long generation,
    int mailboxCapacity,
    ShardStore store,
    InstantSource time,
    ChangeListener changes,
    CurrentPlacement placement,
    Runnable refused,
    ShardListener listener) {}
