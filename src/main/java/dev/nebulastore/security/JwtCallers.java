package dev.nebulastore.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callers whose tokens an issuer has made.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>Verifying takes up to 0.5 ms of a processor, and perhaps a fetch of keys. So the result is
 *       kept until the token expires, by the SHA-256 of the token, and event loops use only kept
 *       results.
 *   <li>Only valid tokens are kept, in a bounded space, so that nobody without one can displace
 *       others.
 *   <li>What is no JWT at all is refused before anything is computed. At most {@value #MAX_PENDING}
 *       tokens are verified or wait for it, and as many as there are processors at the same time.
 *   <li>Whatever else goes wrong means that this token can't be verified now, and nothing more.
 * </ol>
 *
 * <p>Threads: thread-safe.
 */
final class JwtCallers {

  /** Some more than Tomcat accepts as a header by default. */
  static final int MAX_LENGTH = 16_384;

  static final int MAX_PENDING = 1_024;

  /** In units of {@value #UNIT} characters of a token. */
  static final int CAPACITY = 10_000;

  private static final int UNIT = 1_024;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(JwtCallers.class);

  /** A SHA-256. */
  private record Digest(long a, long b, long c, long d) {
    static Digest of(String token) {
      ByteBuffer hash = ByteBuffer.wrap(TokenText.sha256(token));
      return new Digest(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    }
  }

  private record Known(Caller caller, int weight) {}

  private final JwtVerifier verifier;
  private final InstantSource clock;
  private final Cache<Digest, Known> known;
  private final Semaphore pending = new Semaphore(MAX_PENDING);
  private final Semaphore processors =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors()));
  private final AtomicBoolean failing = new AtomicBoolean();

  JwtCallers(JwtVerifier verifier, InstantSource clock) {
    this.verifier = verifier;
    this.clock = clock;
    this.known =
        Caffeine.newBuilder()
            .maximumWeight(CAPACITY)
            .weigher((Digest _, Known result) -> result.weight())
            .expireAfter(
                Expiry.creating(
                    (Digest _, Known result) -> result.caller().remaining(clock.instant())))
            .build();
  }

  /** The caller whose token this is, if it was verified before and is still valid. */
  @Nullable Caller known(String token) {
    return token.length() > MAX_LENGTH ? null : known(Digest.of(token));
  }

  private @Nullable Caller known(Digest digest) {
    Known found = known.getIfPresent(digest);
    return found == null || found.caller().hasExpired(clock.instant()) ? null : found.caller();
  }

  /**
   * The caller whose token this is. May wait for keys and for a processor.
   *
   * @throws AccessDenied if the token is not valid
   * @throws VerificationUnavailable if it can't be verified now
   */
  Caller verify(String token) {
    if (!isWellFormed(token)) {
      throw new AccessDenied(
          AccessDenied.Kind.INVALID_TOKEN,
          "The token is neither one of this server, nst_<id>_<secret>, nor a signed JWT.");
    }
    Digest digest = Digest.of(token);
    Caller found = known(digest);
    if (found != null) {
      return found;
    }
    if (!pending.tryAcquire()) {
      throw busy();
    }
    try {
      Caller caller = verifyNow(token, digest);
      failing.set(false);
      return caller;
    } catch (AccessDenied | VerificationUnavailable e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    } catch (RuntimeException | Error e) {
      throw failed(e);
    } finally {
      pending.release();
    }
  }

  private Caller verifyNow(String token, Digest digest) throws InterruptedException {
    verifier.prepare(token);
    if (!processors.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw busy();
    }
    try {
      // Other requests with the same token may have waited, too.
      Caller found = known(digest);
      if (found != null) {
        return found;
      }
      Caller caller = verifier.verify(token);
      known.put(digest, new Known(caller, 1 + token.length() / UNIT));
      return caller;
    } finally {
      processors.release();
    }
  }

  /** Three parts of base64url, of which only the last may be empty. */
  private static boolean isWellFormed(String token) {
    int dots = 0;
    if (token.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c == '.') {
        dots++;
      } else if (!isBase64Url(c)) {
        return false;
      }
    }
    return dots == 2 && token.indexOf('.') > 0;
  }

  private static boolean isBase64Url(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private static VerificationUnavailable busy() {
    return new VerificationUnavailable(
        "Too many tokens are being verified. Retry later.", RETRY_AFTER);
  }

  /** Without the message of the failure, which may quote the token. */
  private VerificationUnavailable failed(Throwable failure) {
    if (failing.compareAndSet(false, true)) {
      log.error("Verifying a token failed: {}", failure.getClass().getName());
    }
    return new VerificationUnavailable(
        "Verifying the token failed. The server's log has the details.", RETRY_AFTER);
  }
}
