@NullMarked
package dev.nebulastore.kv;

import org.jspecify.annotations.NullMarked;
