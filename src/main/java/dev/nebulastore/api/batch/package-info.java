/** Many operations at {@code /batch}, a line each. */
@NullMarked
package dev.nebulastore.api.batch;

import org.jspecify.annotations.NullMarked;
