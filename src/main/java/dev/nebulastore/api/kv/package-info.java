/** One key at {@code /kv/{key}}, by the controller and by the fast path. */
@NullMarked
package dev.nebulastore.api.kv;

import org.jspecify.annotations.NullMarked;
