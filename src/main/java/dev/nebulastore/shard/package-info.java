/**
 * The shards: a worker each, which orders the commands of its keys, and the table of the living.
 */
@NullMarked
package dev.nebulastore.shard;

import org.jspecify.annotations.NullMarked;
