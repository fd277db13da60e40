/** Tests of the settings and of how a failed start is reported. */
@NullMarked
package dev.nebulastore.ops.startup;

import org.jspecify.annotations.NullMarked;
