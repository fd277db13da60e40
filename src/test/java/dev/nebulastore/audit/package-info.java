/** Tests of the audit log without a server. */
@NullMarked
package dev.nebulastore.audit;

import org.jspecify.annotations.NullMarked;
