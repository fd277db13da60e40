package dev.nebulastore.kv;

import java.time.Instant;

/**
 * When the entry of a key expires. Ordered by the instant, then by the key.
 *
 * @param at the instant from which the entry is absent
 */
public record Expiry(Instant at, Key key) implements Comparable<Expiry> {

  @Override
  public int compareTo(Expiry other) {
    int byTime = at.compareTo(other.at);
    return byTime != 0 ? byTime : key.compareTo(other.key);
  }
}
