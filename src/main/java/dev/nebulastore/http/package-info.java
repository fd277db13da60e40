/** Limits and admission of connections and requests, independent of their content. */
@NullMarked
package dev.nebulastore.http;

import org.jspecify.annotations.NullMarked;
