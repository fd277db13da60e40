/** From a key to its shard and back with the answer. */
@NullMarked
package dev.nebulastore.router;

import org.jspecify.annotations.NullMarked;
