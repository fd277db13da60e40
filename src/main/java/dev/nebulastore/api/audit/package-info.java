/** Records in the audit log what requests of either way in were refused or did. */
@NullMarked
package dev.nebulastore.api.audit;

import org.jspecify.annotations.NullMarked;
