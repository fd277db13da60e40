package dev.nebulastore.security;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the requests that are refused because of who sends them.
 *
 * <p>Threads: safe for all.
 */
public final class Refusals {

  private final Map<AccessDenied.Kind, LongAdder> counts = new EnumMap<>(AccessDenied.Kind.class);

  /** Creates counters at 0. */
  Refusals() {
    for (AccessDenied.Kind kind : AccessDenied.Kind.values()) {
      counts.put(kind, new LongAdder());
    }
  }

  /** Counts one. */
  public void add(AccessDenied.Kind kind) {
    adder(kind).increment();
  }

  /** How many there were of a kind. */
  public long count(AccessDenied.Kind kind) {
    return adder(kind).sum();
  }

  private LongAdder adder(AccessDenied.Kind kind) {
    return Objects.requireNonNull(counts.get(kind));
  }
}
