/** Tests of what an operator sees and does, most of them against the whole server. */
@NullMarked
package dev.nebulastore.ops;

import org.jspecify.annotations.NullMarked;
