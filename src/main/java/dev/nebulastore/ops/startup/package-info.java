/** Reports a start in one line: what runs, or which setting stopped it. */
@NullMarked
package dev.nebulastore.ops.startup;

import org.jspecify.annotations.NullMarked;
