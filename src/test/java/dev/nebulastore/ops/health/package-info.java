/** Tests of health and liveness, most of them against the whole server. */
@NullMarked
package dev.nebulastore.ops.health;

import org.jspecify.annotations.NullMarked;
