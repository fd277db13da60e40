/**
 * What an operator sees and does: health, endpoints, meters, and clear words when a start fails.
 */
@NullMarked
package dev.nebulastore.ops;

import org.jspecify.annotations.NullMarked;
