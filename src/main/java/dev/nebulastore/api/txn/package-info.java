/** Transactions at {@code /txn}. */
@NullMarked
package dev.nebulastore.api.txn;

import org.jspecify.annotations.NullMarked;
