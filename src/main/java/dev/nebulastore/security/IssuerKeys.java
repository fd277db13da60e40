package dev.nebulastore.security;

import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Keys are fetched when a token needs them: if there are none, if they are older than {@link
 *       #REFRESH_AFTER}, or if none of them fits the token, as after a rotation.
 *   <li>One thread fetches at a time, and fetches begin at least {@link #PAUSE} apart, whatever
 *       tokens are sent. So unknown keys in tokens can't make the server ask the issuer for each of
 *       them.
 *   <li>While the issuer can't be reached, the keys that are known stay in use until they are older
 *       than {@link #USABLE_FOR}. Only the thread that tries to fetch new ones waits for it.
 *   <li>Where a token can't be verified without a fetch, at most {@value #MAX_WAITING} threads wait
 *       for it.
 *   <li>An outage is logged once when it begins and once when it ends.
 *   <li>Time is the system clock's. If it jumps far, keys count as old.
 * </ol>
 *
 * <p>Threads: thread-safe; the fetch is guarded by a lock.
 */
final class IssuerKeys implements IssuerReport {

  static final Duration REFRESH_AFTER = Duration.ofMinutes(5);
  static final Duration USABLE_FOR = Duration.ofHours(1);
  static final Duration PAUSE = Duration.ofSeconds(10);
  static final int MAX_WAITING = 32;

  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

  private static final Duration BUSY = Duration.ofSeconds(1);

  /** Keys, and when their fetch began. */
  private record Fetched(JWKSet keys, Instant at) {}

  private final String issuer;
  private final KeySource source;
  private final InstantSource clock;

  private final ReentrantLock fetching = new ReentrantLock();
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private volatile @Nullable Fetched fetched;
  // When the last fetch began. Written under the lock.
  private volatile @Nullable Instant tried;
  // Why the last fetch failed. Written under the lock.
  private volatile @Nullable String outage;

  IssuerKeys(String issuer, KeySource source, InstantSource clock) {
    this.issuer = issuer;
    this.source = source;
    this.clock = clock;
  }

  /**
   * The keys with which a token may be verified. Waits for a fetch if that is needed.
   *
   * @param wanted the keys that fit the token. The result may contain none of them
   * @throws VerificationUnavailable if there are no keys that may be used
   */
  JWKSet keysFor(JWKSelector wanted) {
    Fetched known = fetched;
    if (known == null || isOver(known.at(), USABLE_FOR)) {
      known = waitForFetch(known);
    } else if (isOver(known.at(), REFRESH_AFTER)) {
      known = refresh(known);
    }
    boolean fits = fits(known, wanted);
    if (known != null && !fits) {
      known = waitForFetch(known);
      fits = fits(known, wanted);
    }
    // Without an outage, a key that does not fit is none of the issuer's.
    if (known == null || isOver(known.at(), USABLE_FOR) || (!fits && outage != null)) {
      throw new VerificationUnavailable(
          "The keys of the issuer, with which tokens are verified, can't be fetched now.", PAUSE);
    }
    return known.keys();
  }

  private static boolean fits(@Nullable Fetched known, JWKSelector wanted) {
    return known != null && !wanted.select(known.keys()).isEmpty();
  }

  /** Fetches the keys unless there are some, so that the first tokens need not wait for them. */
  void prefetch() {
    if (fetched == null) {
      var _ = waitForFetch(null);
    }
  }

  /** The keys that are known now, perhaps none. */
  JWKSet known() {
    Fetched known = fetched;
    return known == null ? new JWKSet() : known.keys();
  }

  @Override
  public Optional<String> trouble() {
    return Optional.ofNullable(outage)
        .map(reason -> "The keys of the issuer %s can't be fetched: %s".formatted(issuer, reason));
  }

  private boolean isOver(Instant since, Duration time) {
    return Duration.between(since, clock.instant()).abs().compareTo(time) >= 0;
  }

  private boolean mayFetch() {
    Instant last = tried;
    return last == null || isOver(last, PAUSE);
  }

  /** Fetches unless another thread does so already. */
  private Fetched refresh(Fetched known) {
    if (!mayFetch() || !fetching.tryLock()) {
      return known;
    }
    try {
      Fetched latest = fetchOnce(known);
      return latest == null ? known : latest;
    } finally {
      fetching.unlock();
    }
  }

  /** Fetches, or waits for the thread that does so already. */
  private @Nullable Fetched waitForFetch(@Nullable Fetched known) {
    if (!mayFetch() && !fetching.isLocked()) {
      return fetched;
    }
    if (!waiting.tryAcquire()) {
      throw new VerificationUnavailable(
          "Too many tokens wait for the keys of the issuer. Retry later.", BUSY);
    }
    try {
      if (!fetching.tryLock(IssuerClient.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        return fetched;
      }
      try {
        return fetchOnce(known);
      } finally {
        fetching.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fetched;
    } finally {
      waiting.release();
    }
  }

  /** Under the lock. Nothing that goes wrong in it ends more than this attempt. */
  private @Nullable Fetched fetchOnce(@Nullable Fetched known) {
    if (!Objects.equals(fetched, known) || !mayFetch()) {
      return fetched;
    }
    Instant before = tried;
    Instant now = clock.instant();
    tried = now;
    try {
      fetched = new Fetched(source.fetch(), now);
      end();
    } catch (IssuerUnreachable e) {
      begin(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      tried = before;
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      begin(e.getClass().getName());
    }
    return fetched;
  }

  private void begin(String reason) {
    boolean begins = outage == null;
    outage = reason;
    if (begins) {
      log.warn(
          "The keys of the issuer {} can't be fetched: {}. Tokens that were verified before stay"
              + " valid; others get 503 if there are no keys of the last {} minutes",
          issuer,
          reason,
          USABLE_FOR.toMinutes());
    }
  }

  private void end() {
    if (outage != null) {
      outage = null;
      log.info("The keys of the issuer {} were fetched again", issuer);
    }
  }
}
