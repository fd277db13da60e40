/** Replaces workers that died or got stuck, and sets a shard aside that dies too often. */
@NullMarked
package dev.nebulastore.supervision;

import org.jspecify.annotations.NullMarked;
