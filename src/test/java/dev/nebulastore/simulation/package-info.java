/**
 * Runs router, workers, supervision and the durable engine on one thread, in an order that a seed
 * determines.
 */
@NullMarked
package dev.nebulastore.simulation;

import org.jspecify.annotations.NullMarked;
