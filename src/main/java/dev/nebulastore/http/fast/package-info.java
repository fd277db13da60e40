/** The fast path: event loops that read and answer plain requests without a thread for each. */
@NullMarked
package dev.nebulastore.http.fast;

import org.jspecify.annotations.NullMarked;
