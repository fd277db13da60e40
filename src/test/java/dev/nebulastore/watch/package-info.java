@NullMarked
package dev.nebulastore.watch;

import org.jspecify.annotations.NullMarked;
