package dev.nebulastore.client;

import dev.nebulastore.client.NebulaStoreException.Applied;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tries again what failed for now and certainly did nothing. Spring's own retries pause by a plan
 * that is made beforehand; here the server may name the pause with each refusal.
 *
 * <p>Threads: immutable, apart from the generator, which is safe for all or confined by its owner.
 */
final class Retries {

  /** No answer, too many requests, a bad gateway, unavailable, too late. */
  private static final Set<Integer> PASSING = Set.of(0, 429, 502, 503, 504);

  private final ClientSettings settings;
  private final Pause pause;
  private final RandomGenerator jitter;

  Retries(ClientSettings settings, Pause pause, RandomGenerator jitter) {
    this.settings = settings;
    this.pause = pause;
    this.jitter = jitter;
  }

  /** What the operation gives, at the last attempt at the latest. */
  <T extends @Nullable Object> T call(boolean read, Supplier<T> operation) {
    for (int attempt = 1; ; attempt++) {
      try {
        return operation.get();
      } catch (NebulaStoreException failure) {
        if (attempt >= settings.attempts() || !mayBeRepeated(failure, read)) {
          throw failure;
        }
        rest(attempt, failure);
      }
    }
  }

  /** Whether the same request may succeed later, and does no harm if it is sent again. */
  static boolean mayBeRepeated(NebulaStoreException failure, boolean read) {
    return PASSING.contains(failure.status()) && (read || failure.applied() == Applied.NO);
  }

  /** Rests before the next attempt, or gives up if that is too long. */
  void rest(int attempt, NebulaStoreException failure) {
    Optional<Duration> time = pauseAfter(attempt, failure);
    if (time.isEmpty()) {
      throw failure;
    }
    try {
      pause.rest(time.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  private Optional<Duration> pauseAfter(int attempt, NebulaStoreException failure) {
    Duration longest = settings.longestPause();
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    if (asked.compareTo(longest) > 0) {
      return Optional.empty();
    }
    Duration grown = settings.firstPause().multipliedBy(1L << Math.min(attempt - 1, 20));
    Duration least = asked.isPositive() ? asked : shorter(grown, longest);
    Duration more = Duration.ofNanos((long) (least.toNanos() / 4.0 * jitter.nextDouble()));
    return Optional.of(shorter(least.plus(more), longest));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
