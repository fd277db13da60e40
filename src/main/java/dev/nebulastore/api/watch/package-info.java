/** Changes as they happen, at {@code /watch}. */
@NullMarked
package dev.nebulastore.api.watch;

import org.jspecify.annotations.NullMarked;
