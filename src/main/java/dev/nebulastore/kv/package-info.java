/** The words of the store: data without behaviour, and the one pure function that decides. */
@NullMarked
package dev.nebulastore.kv;

import org.jspecify.annotations.NullMarked;
