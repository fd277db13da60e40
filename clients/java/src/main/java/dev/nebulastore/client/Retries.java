package dev.nebulastore.client;

import dev.nebulastore.client.NebulaStoreException.Applied;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Repeats requests that failed temporarily, if repeating them is safe. Spring's retry support fixes
 * the pauses beforehand; here the server may set each pause with {@code Retry-After}.
 *
 * <p>Threads: immutable; the random generator must be safe for use by multiple threads.
 */
final class Retries {

  /** No answer (0), and the statuses that may pass. */
  private static final Set<Integer> TEMPORARY = Set.of(0, 429, 502, 503, 504);

  private final ClientSettings settings;
  private final Pause pause;
  private final RandomGenerator jitter;

  Retries(ClientSettings settings, Pause pause, RandomGenerator jitter) {
    this.settings = settings;
    this.pause = pause;
    this.jitter = jitter;
  }

  /** Returns what the operation returns, or throws the failure of its last attempt. */
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

  /** Whether the request may succeed later and is safe to send again. */
  static boolean mayBeRepeated(NebulaStoreException failure, boolean read) {
    return TEMPORARY.contains(failure.status()) && (read || failure.applied() == Applied.NO);
  }

  /** Waits before the next attempt; throws the failure if that would take too long. */
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
    Duration least = !asked.isZero() ? asked : shorter(grown, longest);
    Duration more = Duration.ofNanos((long) (least.toNanos() / 4.0 * jitter.nextDouble()));
    return Optional.of(shorter(least.plus(more), longest));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
