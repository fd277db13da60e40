package dev.nebulastore.kv;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The time at which commands are decided, beside the time of the system's clock.
 *
 * <p>Store time never goes back and never stands still, whatever is done to the system's clock, so
 * it may be ahead of it. What is kept is in store time; what a client is told is in system time.
 */
public interface StoreClock extends InstantSource {

  /** Store time, in whole milliseconds; never less than it was. */
  @Override
  Instant instant();

  /** What the system's clock says, in whole milliseconds. */
  Instant system();

  /** How far store time is ahead of the system's clock; zero if it is not. */
  Duration ahead();

  /** Makes this the store time, unless it is later already. */
  void advanceTo(Instant least);
}
