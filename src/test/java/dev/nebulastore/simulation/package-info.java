/**
 * Runs the whole of router, workers and supervision on one thread, in an order that a seed gives.
 */
@NullMarked
package dev.nebulastore.simulation;

import org.jspecify.annotations.NullMarked;
