/** The gate: what every file of the repository must look like, and which room may see which. */
@NullMarked
package dev.nebulastore.build;

import org.jspecify.annotations.NullMarked;
