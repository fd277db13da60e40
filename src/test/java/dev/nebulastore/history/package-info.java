/** Checks what clients observed against what a single sequential store could have responded. */
@NullMarked
package dev.nebulastore.history;

import org.jspecify.annotations.NullMarked;
