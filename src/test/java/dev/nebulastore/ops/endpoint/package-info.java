/** Tests of the Actuator endpoints, against the whole server. */
@NullMarked
package dev.nebulastore.ops.endpoint;

import org.jspecify.annotations.NullMarked;
