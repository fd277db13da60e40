/** Tests of the client, against servers on this machine. */
@NullMarked
package dev.nebulastore.client;

import org.jspecify.annotations.NullMarked;
