package dev.nebulastore.client;

import org.jspecify.annotations.Nullable;

/** How many entries a deletion by prefix has deleted, or would delete, as the server writes it. */
record DeletionJson(long deleted, @Nullable Long wouldDelete) {

  long count() {
    return wouldDelete == null ? deleted : wouldDelete;
  }
}
