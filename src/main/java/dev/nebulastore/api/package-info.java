/** The HTTP API, assembled from its rooms by the settings, and its description at /v3/api-docs. */
@NullMarked
package dev.nebulastore.api;

import org.jspecify.annotations.NullMarked;
