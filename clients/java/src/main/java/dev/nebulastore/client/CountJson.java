package dev.nebulastore.client;

import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How many entries a change by prefix has changed, or would change, as the server writes it. */
record CountJson(
    @Nullable Long deleted,
    @Nullable Long wouldDelete,
    @Nullable Long touched,
    @Nullable Long wouldTouch) {

  long count() {
    return Stream.of(wouldDelete, deleted, wouldTouch, touched)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the response has no number"));
  }
}
