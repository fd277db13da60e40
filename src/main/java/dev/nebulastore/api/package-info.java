/** The HTTP contract, put together: what the settings say, and the description at /v3/api-docs. */
@NullMarked
package dev.nebulastore.api;

import org.jspecify.annotations.NullMarked;
