/** The shards: one worker each, which executes the commands of its keys in order. */
@NullMarked
package dev.nebulastore.shard;

import org.jspecify.annotations.NullMarked;
