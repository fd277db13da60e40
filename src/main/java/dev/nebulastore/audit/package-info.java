/** The audit log: what is recorded of requests, how it waits, and where it is written. */
@NullMarked
package dev.nebulastore.audit;

import org.jspecify.annotations.NullMarked;
