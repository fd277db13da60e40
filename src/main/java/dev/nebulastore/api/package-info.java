/**
 * The HTTP contract: requests become commands, outcomes become responses, failures become problems.
 */
@NullMarked
package dev.nebulastore.api;

import org.jspecify.annotations.NullMarked;
