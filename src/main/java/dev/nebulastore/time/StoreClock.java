package dev.nebulastore.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Store time: the clock by which commands are decided and entries expire.
 *
 * <p>Store time never goes back and never stops, whatever happens to the system clock, so it may be
 * ahead of it. Entries are stored in store time. Clients get system time.
 */
public interface StoreClock extends InstantSource {

  /** Store time, in whole milliseconds; never less than it was. */
  @Override
  Instant instant();

  /** The time of the system clock, in whole milliseconds. */
  Instant system();

  /** How far store time is ahead of the system clock; zero if it is not. */
  Duration ahead();

  /** Advances store time to this instant, unless it is later already. */
  void advanceTo(Instant least);
}
