/** The response for each outcome: status, headers, bodies. */
@NullMarked
package dev.nebulastore.api.answer;

import org.jspecify.annotations.NullMarked;
