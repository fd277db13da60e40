/** The ring: determines the shard of a key by consistent hashing. */
@NullMarked
package dev.nebulastore.ring;

import org.jspecify.annotations.NullMarked;
