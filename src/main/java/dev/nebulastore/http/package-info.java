/**
 * What connections and requests may take, and the way they go, before anyone looks at what they
 * ask.
 */
@NullMarked
package dev.nebulastore.http;

import org.jspecify.annotations.NullMarked;
