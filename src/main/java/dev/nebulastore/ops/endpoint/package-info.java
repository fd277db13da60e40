/** Actuator endpoints for shards, the ring and backups. */
@NullMarked
package dev.nebulastore.ops.endpoint;

import org.jspecify.annotations.NullMarked;
