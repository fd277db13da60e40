@NullMarked
package dev.nebulastore.router;

import org.jspecify.annotations.NullMarked;
