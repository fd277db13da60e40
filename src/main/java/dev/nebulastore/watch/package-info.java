/** Tells those who watch of the changes that were committed, in order, from a bounded history. */
@NullMarked
package dev.nebulastore.watch;

import org.jspecify.annotations.NullMarked;
