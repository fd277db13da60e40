/** Many keys at {@code /keys}: listings, and deleting or touching by prefix. */
@NullMarked
package dev.nebulastore.api.keys;

import org.jspecify.annotations.NullMarked;
