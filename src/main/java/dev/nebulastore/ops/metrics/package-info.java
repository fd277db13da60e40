/** Meters for Prometheus. */
@NullMarked
package dev.nebulastore.ops.metrics;

import org.jspecify.annotations.NullMarked;
