/** What an operator sees, in the rooms below. */
@NullMarked
package dev.nebulastore.ops;

import org.jspecify.annotations.NullMarked;
