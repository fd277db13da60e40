/** The source of time and threads, which the simulation replaces. */
@NullMarked
package dev.nebulastore.time;

import org.jspecify.annotations.NullMarked;
