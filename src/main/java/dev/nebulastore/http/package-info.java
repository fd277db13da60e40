/** What connections and requests may take, before anyone looks at what they ask. */
@NullMarked
package dev.nebulastore.http;

import org.jspecify.annotations.NullMarked;
