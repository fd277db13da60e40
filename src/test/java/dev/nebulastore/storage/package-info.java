@NullMarked
package dev.nebulastore.storage;

import org.jspecify.annotations.NullMarked;
