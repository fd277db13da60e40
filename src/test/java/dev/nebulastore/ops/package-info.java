/** A client for the tests of the rooms below. */
@NullMarked
package dev.nebulastore.ops;

import org.jspecify.annotations.NullMarked;
