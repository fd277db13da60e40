@NullMarked
package dev.nebulastore;

import org.jspecify.annotations.NullMarked;
