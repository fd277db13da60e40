/** How a Java program uses a NebulaStore: a library of its own, which no other room is part of. */
@NullMarked
package dev.nebulastore.client;

import org.jspecify.annotations.NullMarked;
