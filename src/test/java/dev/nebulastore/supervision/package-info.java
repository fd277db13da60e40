@NullMarked
package dev.nebulastore.supervision;

import org.jspecify.annotations.NullMarked;
