/** Checks of the repository: the style of every file, and which room may see which. */
@NullMarked
package dev.nebulastore.build;

import org.jspecify.annotations.NullMarked;
