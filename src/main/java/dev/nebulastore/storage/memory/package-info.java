/** The engine that keeps entries in a sorted map on the heap. */
@NullMarked
package dev.nebulastore.storage.memory;

import org.jspecify.annotations.NullMarked;
