/** What outcomes are answered with: status, headers, bodies. */
@NullMarked
package dev.nebulastore.api.answer;

import org.jspecify.annotations.NullMarked;
