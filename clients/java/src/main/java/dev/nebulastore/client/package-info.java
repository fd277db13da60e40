/** The Java client of NebulaStore: one interface, which needs no code of the server. */
@NullMarked
package dev.nebulastore.client;

import org.jspecify.annotations.NullMarked;
