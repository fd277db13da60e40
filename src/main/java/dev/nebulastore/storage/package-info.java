/**
 * The ports that an engine implements: it opens a store for each shard and outlives all workers.
 */
@NullMarked
package dev.nebulastore.storage;

import org.jspecify.annotations.NullMarked;
