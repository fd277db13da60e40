/** Checks what clients saw against what a single store, one step at a time, could have answered. */
@NullMarked
package dev.nebulastore.history;

import org.jspecify.annotations.NullMarked;
