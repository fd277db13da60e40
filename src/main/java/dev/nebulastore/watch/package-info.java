/** Reports committed changes to watchers, in order, from a bounded history. */
@NullMarked
package dev.nebulastore.watch;

import org.jspecify.annotations.NullMarked;
