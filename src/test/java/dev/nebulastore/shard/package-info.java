@NullMarked
package dev.nebulastore.shard;

import org.jspecify.annotations.NullMarked;
