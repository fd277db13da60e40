/** Asks the gate for all requests that pass the servlet container, and answers browsers. */
@NullMarked
package dev.nebulastore.api.access;

import org.jspecify.annotations.NullMarked;
