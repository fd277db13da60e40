package dev.nebulastore.ops;

import dev.nebulastore.router.Resize;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The last change of the number of shards, as the endpoints show it.
 *
 * @param share the part of the ring that moves in all
 * @param shareMoved the part that has moved
 * @param waitsFor why the next step could not be made yet
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
