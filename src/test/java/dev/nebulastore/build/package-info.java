/** Checks of the repository: the style of each file, and the dependencies between rooms. */
@NullMarked
package dev.nebulastore.build;

import org.jspecify.annotations.NullMarked;
