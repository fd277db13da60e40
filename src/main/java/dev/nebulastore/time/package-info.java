/** Where time and threads come from: the one seam that a simulation replaces. */
@NullMarked
package dev.nebulastore.time;

import org.jspecify.annotations.NullMarked;
