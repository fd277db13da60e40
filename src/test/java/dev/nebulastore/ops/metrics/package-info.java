/** Tests of the meters. */
@NullMarked
package dev.nebulastore.ops.metrics;

import org.jspecify.annotations.NullMarked;
