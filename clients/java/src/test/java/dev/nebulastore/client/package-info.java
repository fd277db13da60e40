/** Tests of the client: against a fake server, and against the packaged server. */
@NullMarked
package dev.nebulastore.client;

import org.jspecify.annotations.NullMarked;
