/** Errors as problem details (RFC 9457): their kinds, their pages, and what each failure means. */
@NullMarked
package dev.nebulastore.api.error;

import org.jspecify.annotations.NullMarked;
