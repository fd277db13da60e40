package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.router.Keyspace;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The number of keys with a prefix, from a position on. Counting is bounded: it stops after {@value
 * #MAX} keys, or after {@value #MAX_STEPS} scans, each of which is bounded.
 *
 * @param position where to go on; null if all of them were counted
 */
@SuppressWarnings("ArrayRecordComponent")
record KeyCount(long count, byte @Nullable [] position) {

  static final int MAX = 100_000;

  /** Scans find few keys where values are large, or entries have expired. */
  private static final int MAX_STEPS = 500;

  private static final int STEP = 1_000;

  /**
   * Counts keys.
   *
   * @param from where to begin; null for the first key of the prefix
   * @param clientIsGone whether nobody waits for the result any more
   * @return null if the client has gone
   */
  static @Nullable KeyCount of(
      Keyspace keyspace, String prefix, byte @Nullable [] from, BooleanSupplier clientIsGone) {
    KeyRange all = KeyRange.ofPrefix(prefix.getBytes(UTF_8));
    KeyRange rest = from == null ? all : all.startingAt(from);
    long count = 0;
    for (int step = 0; rest != null && count < MAX && step < MAX_STEPS; step++) {
      if (clientIsGone.getAsBoolean()) {
        return null;
      }
      ScanPage found = keyspace.scan(rest, (int) Math.min(STEP, MAX - count));
      count += found.found().size();
      rest = found.rest();
    }
    return new KeyCount(count, rest == null ? null : rest.from());
  }
}
