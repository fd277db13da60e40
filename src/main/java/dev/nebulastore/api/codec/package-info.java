/** The formats of requests and responses: paths, headers, queries, JSON. */
@NullMarked
package dev.nebulastore.api.codec;

import org.jspecify.annotations.NullMarked;
