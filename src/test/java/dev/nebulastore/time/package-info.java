@NullMarked
package dev.nebulastore.time;

import org.jspecify.annotations.NullMarked;
