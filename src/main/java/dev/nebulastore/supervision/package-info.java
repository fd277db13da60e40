/** Replaces workers that died or got stuck, and quarantines a shard that dies too often. */
@NullMarked
package dev.nebulastore.supervision;

import org.jspecify.annotations.NullMarked;
