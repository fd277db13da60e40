/** Tests of what a path asks of its caller. */
@NullMarked
package dev.nebulastore.api.access;

import org.jspecify.annotations.NullMarked;
