package dev.nebulastore.ops.endpoint;

import dev.nebulastore.router.Resize;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON of the last change of the number of shards.
 *
 * @param share the part of the ring that moves
 * @param shareMoved the part that has moved
 * @param waitsFor why the next step is delayed
 */
record ResizeView(
    String state,
    int from,
    int to,
    int steps,
    int stepsDone,
    double share,
    double shareMoved,
    @Nullable String waitsFor,
    double tookMillis) {

  static ResizeView of(Resize resize) {
    return new ResizeView(
        resize.state().name().toLowerCase(Locale.ROOT),
        resize.from(),
        resize.to(),
        resize.steps(),
        resize.stepsDone(),
        resize.share(),
        resize.shareMoved(),
        resize.waitsFor().orElse(null),
        (double) resize.took().toNanos() / 1e6);
  }
}
