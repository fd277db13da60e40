/** Endpoints, health, metrics and start for operators, in the rooms below. */
@NullMarked
package dev.nebulastore.ops;

import org.jspecify.annotations.NullMarked;
