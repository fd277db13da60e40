@NullMarked
package dev.nebulastore.storage.memory;

import org.jspecify.annotations.NullMarked;
