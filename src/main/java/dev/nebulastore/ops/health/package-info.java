/** Health and liveness: whether the server serves requests, and why not. */
@NullMarked
package dev.nebulastore.ops.health;

import org.jspecify.annotations.NullMarked;
