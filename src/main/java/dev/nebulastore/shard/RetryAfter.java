package dev.nebulastore.shard;

import java.time.Duration;

/** When clients may try again what a shard refused. */
final class RetryAfter {

  /** After a shard was too busy. */
  static final Duration SOON = Duration.ofSeconds(1);

  private RetryAfter() {}
}
