package dev.nebulastore.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An operation that did not succeed: the server's problem detail (RFC 9457), or that there was no
 * answer. {@link #code()} and {@link #status()} are API, the message is not.
 *
 * {@snippet class="dev.nebulastore.client.NebulaStoreTests" region="problem"}
 *
 * <p>Threads: immutable.
 */
public final class NebulaStoreException extends RuntimeException {

  /** Whether what was asked for has been done. */
  public enum Applied {
    /** Certainly not. */
    NO,
    /** Perhaps: read before you decide. Nothing of this kind is sent again by the client itself. */
    UNKNOWN
  }

  /** The code of a request that found no server: none was sent. */
  public static final String NO_CONNECTION = "no-connection";

  /** The code of a request whose answer did not come, or broke off. */
  public static final String NO_ANSWER = "no-answer";

  private static final long serialVersionUID = 1L;

  private final transient Facts facts;

  NebulaStoreException(Facts facts, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.facts = facts;
  }

  /** What a problem says beside its message. */
  record Facts(
      String code,
      int status,
      Applied applied,
      @Nullable String currentEtag,
      @Nullable String key,
      @Nullable Integer shard,
      @Nullable Duration retryAfter) {

    static Facts of(String code, int status, Applied applied) {
      return new Facts(code, status, applied, null, null, null, null);
    }
  }

  /** The stable name of the problem; {@code http-502} and the like where the server sent none. */
  public String code() {
    return facts.code();
  }

  /** The status of HTTP, or 0 where there was no answer. */
  public int status() {
    return facts.status();
  }

  /** Whether the operation was carried out nevertheless. */
  public Applied applied() {
    return facts.applied();
  }

  /** The version that stands, where a condition on it did not hold. */
  public Optional<String> currentEtag() {
    return Optional.ofNullable(facts.currentEtag());
  }

  /** The key that the problem is about. */
  public Optional<String> key() {
    return Optional.ofNullable(facts.key());
  }

  /** The shard that could not answer. */
  public Optional<Integer> shard() {
    return Optional.ofNullable(facts.shard());
  }

  /** How long the server asks to be left alone. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(facts.retryAfter());
  }

  /** Whether it failed because a {@link Condition} does not hold. */
  public boolean isPreconditionFailed() {
    return status() == 412;
  }
}
