/**
 * The vocabulary of the store: data, and the one pure function that decides what a command does.
 */
@NullMarked
package dev.nebulastore.kv;

import org.jspecify.annotations.NullMarked;
